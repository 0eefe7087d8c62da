/** Why a file is, or is not, in step (R12): one state, one reason, and what decided it. */
import type { ReactNode } from 'react'
import { shownText } from '../../../contract/shown.ts'
import type { Explanation } from '../../../contract/files.ts'
import { fileLook } from '../../format/file-look.ts'
import { bytes } from '../../format/quantity.ts'
import { ago, since } from '../../format/time.ts'
import { strings } from '../../strings.ts'
import { Mark } from '../../ui/mark.tsx'
import { Ago } from '../../ui/time.tsx'
import { NameText } from '../../ui/name-text.tsx'
import { useNow } from '../../ui/use-now.ts'

const texts = strings.explain

interface ExplanationViewProps {
  readonly explanation: Explanation
  /** What can be done about it. */
  readonly children?: ReactNode
}

export function ExplanationView({ explanation, children }: ExplanationViewProps) {
  const { icon, tone } = fileLook(explanation.state)
  const { rule, channel, local, remote, lastSyncedVersion, waiting, lastError } = explanation
  const now = useNow()
  return (
    <div>
      <Mark
        icon={icon}
        tone={tone}
        word={strings.files.explained[explanation.state] ?? explanation.state}
        className="font-medium"
      />
      <p className="mt-1 break-words text-ink-2">{shownText(explanation.reason)}</p>
      {children !== undefined && <div className="mt-3 flex flex-wrap gap-2 empty:hidden">{children}</div>}
      <dl className="mt-4 grid grid-cols-[112px_minmax(0,1fr)] gap-x-3 gap-y-2 text-sm">
        {rule !== null && (
          <Fact label={texts.rule}>
            <code className="font-mono text-xs break-all">
              <NameText name={rule.pattern} />
            </code>
            <span className="block text-ink-3">
              {rule.kind === 'denylist'
                ? `${texts.denylist} (${rule.category})`
                : texts.pattern(rule.file, rule.line)}
            </span>
          </Fact>
        )}
        {channel !== null && <Fact label={texts.channel}>{strings.common[channel]}</Fact>}
        <Fact label={texts.onDisk}>
          {local === null ? (
            texts.nothing
          ) : (
            <>
              {bytes(local.size)}, <Ago time={local.changedAt} />
            </>
          )}
        </Fact>
        {channel !== null && (
          <Fact label={texts.inDatabase}>
            {remote === null ? texts.nothing : texts.version(since(remote.version, now))}
          </Fact>
        )}
        {lastSyncedVersion !== null && (
          <Fact label={texts.agreed}>
            <Ago time={lastSyncedVersion} />
          </Fact>
        )}
        {waiting !== null && <Fact label={texts.waiting}>{shownText(waiting)}</Fact>}
        {lastError !== null && (
          <Fact label={texts.lastError}>
            {shownText(lastError.message)}
            <span className="block text-ink-3">
              {texts.attempts(lastError.attempts, ago(lastError.nextAt, now))}
            </span>
          </Fact>
        )}
      </dl>
    </div>
  )
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  )
}
