/** What is in a folder that concerns sync: names only, never a value of .env. */
import { CircleCheck, CircleDashed } from 'lucide-react'
import type { ReactNode } from 'react'
import { escaped, shownText } from '../../../contract/shown.ts'
import type { Inspection } from '../../../contract/setup.ts'
import { bytes, count, listed, plural } from '../../format/quantity.ts'
import { useUnderHome } from '../../store/app.ts'
import { strings } from '../../strings.ts'
import { NameText } from '../../ui/name-text.tsx'
import { Callout } from '../../ui/callout.tsx'

const texts = strings.setup

/** More kinds of files than this say nothing at a glance. */
const TYPES_SHOWN = 6

export function Found({ inspection }: { readonly inspection: Inspection }) {
  const shown = useUnderHome()
  const { packageJson, config, newConfigFile, env, contentRoot, warnings, appId } = inspection
  return (
    <div>
      <h2 className="truncate text-lg font-semibold" title={escaped(inspection.path)}>
        <NameText name={inspection.name} />
      </h2>
      <p className="break-all text-sm text-ink-3">
        <NameText name={shown(inspection.path)} />
      </p>
      <dl className="mt-5 flex flex-col gap-3">
        <Item isThere={packageJson !== null} label={texts.packageJson}>
          {packageJson === null
            ? texts.noPackage
            : shownText(packageJson.fault ?? packageJson.name ?? texts.noPackage)}
        </Item>
        <Item isThere={config !== null} label={texts.config}>
          {config === null
            ? texts.noConfig(newConfigFile)
            : shownText(config.fault ?? texts.patterns(config.shared.length + config.private.length))}
        </Item>
        <Item isThere={env.exists} label={texts.env}>
          {!env.exists ? texts.noEnv : env.variables.length === 0 ? texts.envNothing : listed(env.variables)}
        </Item>
        <Item isThere={contentRoot.exists} label={texts.contentRoot}>
          <NameText name={contentRoot.path} />
          {!contentRoot.exists && ` – ${texts.contentNew}`}
        </Item>
      </dl>
      <Types files={inspection.files} />
      <div className="mt-5 flex flex-col gap-2 empty:hidden">
        {config !== null && config.fault !== null && (
          <Callout tone="warn" title={texts.configBroken}>
            {config.fault}
          </Callout>
        )}
        {appId.fault !== null && <Callout tone="warn">{appId.fault}</Callout>}
        {warnings.map(warning => (
          <Callout key={warning} tone="warn">
            {warning}
          </Callout>
        ))}
      </div>
    </div>
  )
}

interface ItemProps {
  readonly isThere: boolean
  readonly label: string
  readonly children: ReactNode
}

function Item({ isThere, label, children }: ItemProps) {
  const Icon = isThere ? CircleCheck : CircleDashed
  return (
    <div className="grid grid-cols-[16px_128px_minmax(0,1fr)] items-start gap-x-2.5">
      <Icon
        aria-hidden
        className={`mt-0.5 size-4 ${isThere ? 'text-ok' : 'text-ink-3'}`}
        strokeWidth={isThere ? 2 : 1.75}
      />
      <dt className="truncate">{label}</dt>
      <dd className="min-w-0 break-words text-ink-2">{children}</dd>
    </div>
  )
}

function Types({ files }: { readonly files: Inspection['files'] }) {
  const { types, total, isCut } = files
  const most = Math.max(1, ...types.map(type => type.count))
  const whole = plural(total, 'file')
  return (
    <div className="mt-6 border-t border-line pt-5">
      <h3 className="flex items-baseline justify-between">
        {texts.types}
        <span className="text-sm font-normal text-ink-3">
          {total === 0 ? texts.noFiles : isCut ? texts.atLeast(whole) : whole}
        </span>
      </h3>
      <ul className="mt-3 flex flex-col gap-2">
        {types.slice(0, TYPES_SHOWN).map(type => (
          <li
            key={type.extension}
            className="grid grid-cols-[72px_minmax(0,1fr)_48px_72px] items-center gap-x-3 text-sm"
          >
            <code className="truncate font-mono text-xs">{type.extension === '' ? '–' : type.extension}</code>
            <span aria-hidden className="h-1.5 overflow-hidden rounded-full bg-line">
              <span
                className="block h-full rounded-full bg-accent-line"
                style={{ width: `${(100 * type.count) / most}%` }}
              />
            </span>
            <span className="text-right">{count(type.count)}</span>
            <span className="text-right text-ink-3">{bytes(type.bytes)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
