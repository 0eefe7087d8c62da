/** Which database, and its settings: the same form at first run and later. The form library holds the values. */
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { Cloud, Database, Flame, type LucideIcon, Puzzle, Zap } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { type Control, Controller, useFormState, useWatch } from 'react-hook-form'
import type { BackendField, BackendInfo, BackendKind } from '../../../contract/backend.ts'
import { strings } from '../../strings.ts'
import { TextButton } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { Summary } from '../../ui/summary.tsx'
import type { BackendForm, SavedBackend } from './draft.ts'
import { isName } from './form-schema.ts'

const texts = strings.backend

const ICONS: Readonly<Record<BackendKind, LucideIcon>> = {
  drizzle: Database,
  firestore: Flame,
  supabase: Zap,
  convex: Cloud,
  custom: Puzzle,
}

interface BackendFormProps {
  readonly control: Control<BackendForm>
  readonly infos: readonly BackendInfo[]
  readonly saved: SavedBackend
  /** Null where none is set up yet. */
  readonly inUse: BackendKind | null
  /** Below the chosen one's settings: its test, its setup. */
  readonly children: ReactNode
}

/** The kinds on the left; on the right all that belongs to the chosen one. */
export function BackendFields({ control, infos, saved, inUse, children }: BackendFormProps) {
  const kind = useWatch({ control, name: 'kind' })
  const info = infos.find(each => each.kind === kind)
  return (
    <div className="grid grid-cols-[minmax(0,320px)_minmax(0,1fr)] items-start gap-10 max-[1000px]:grid-cols-[minmax(0,200px)_minmax(0,1fr)] max-[1000px]:gap-6 max-[900px]:grid-cols-1">
      <Controller
        control={control}
        name="kind"
        render={({ field }) => (
          <KindPicker infos={infos} inUse={inUse} value={field.value} onChange={field.onChange} />
        )}
      />
      <div className="flex min-w-0 flex-col gap-6">
        {info !== undefined && <Settings key={info.kind} control={control} info={info} saved={saved} />}
        {children}
      </div>
    </div>
  )
}

interface KindPickerProps {
  readonly infos: readonly BackendInfo[]
  readonly inUse: BackendKind | null
  readonly value: BackendKind
  readonly onChange: (kind: BackendKind) => void
}

function KindPicker({ infos, inUse, value, onChange }: KindPickerProps) {
  return (
    <RadioGroup
      aria-label={texts.choose}
      value={value}
      onValueChange={next => {
        const chosen = infos.find(info => info.kind === next)
        if (chosen !== undefined) onChange(chosen.kind)
      }}
      className="grid grid-cols-1 gap-2 max-[900px]:grid-cols-[repeat(auto-fill,minmax(144px,1fr))]"
    >
      {infos.map(info => {
        const Icon = ICONS[info.kind]
        return (
          <label
            key={info.kind}
            className="flex items-start gap-3 rounded-lg border border-line bg-raised px-4 py-3 transition-colors duration-100 hover:border-line-strong has-data-checked:border-accent has-data-checked:bg-accent-soft"
          >
            <Radio.Root
              value={info.kind}
              className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-edge bg-raised data-checked:border-accent data-checked:bg-accent"
            >
              <Radio.Indicator className="size-1.5 rounded-full bg-on-accent" />
            </Radio.Root>
            <span className="min-w-0 flex-1">
              <span className="flex items-center gap-2 font-medium">
                {info.name}
                {info.kind === inUse && (
                  <span className="rounded-full border border-line-strong px-1.5 text-xs font-medium text-ink-2">
                    {texts.current}
                  </span>
                )}
              </span>
              <span className="mt-0.5 block text-sm text-ink-2 max-[1000px]:sr-only">{info.goodFor}</span>
            </span>
            <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
          </label>
        )
      })}
    </RadioGroup>
  )
}

interface SettingsProps {
  readonly control: Control<BackendForm>
  readonly info: BackendInfo
  readonly saved: SavedBackend
}

function Settings({ control, info, saved }: SettingsProps) {
  const plain = info.fields.filter(field => !field.isAdvanced)
  const advanced = info.fields.filter(field => field.isAdvanced)
  return (
    <>
      <div>
        <h2 className="text-lg font-semibold">{info.name}</h2>
        <p aria-hidden className="mt-0.5 hidden text-ink-2 max-[1000px]:block">
          {info.goodFor}
        </p>
      </div>
      {info.notes.length > 0 && (
        <ul className="-mt-4 flex flex-col gap-1 text-sm text-ink-2">
          {info.notes.map(note => (
            <li key={note} className="flex gap-2">
              <span aria-hidden className="mt-2 size-1 shrink-0 rounded-full bg-ink-3" />
              {note}
            </li>
          ))}
        </ul>
      )}
      {plain.map(field => (
        <Variable key={field.variable} control={control} field={field} saved={saved} />
      ))}
      <More control={control} saved={saved}>
        {advanced.map(field => (
          <Variable key={field.variable} control={control} field={field} saved={saved} />
        ))}
        <Identity control={control} saved={saved} />
      </More>
    </>
  )
}

interface MoreProps {
  readonly control: Control<BackendForm>
  readonly saved: SavedBackend
  readonly children: ReactNode
}

/** Folded, unless something in it is at fault: that must be seen. */
function More({ control, saved, children }: MoreProps) {
  const details = useRef<HTMLDetailsElement>(null)
  const { errors } = useFormState({ control })
  const isAtFault =
    errors.appId !== undefined ||
    errors.userId !== undefined ||
    [saved.appId, saved.userId].some(({ value }) => !isName(value ?? ''))
  useEffect(() => {
    if (isAtFault && details.current !== null) details.current.open = true
  }, [isAtFault])
  return (
    <details ref={details} className="group">
      <Summary>{texts.advanced}</Summary>
      <div className="mt-4 flex flex-col gap-6">{children}</div>
    </details>
  )
}

interface VariableProps {
  readonly control: Control<BackendForm>
  readonly field: BackendField
  readonly saved: SavedBackend
}

function Variable({ control, field, saved }: VariableProps) {
  const { variable, kind, isRequired } = field
  const before = saved.fields.find(each => each.variable === variable)
  const isSecret = kind === 'secret'
  const cleared = useWatch({ control, name: 'cleared' })
  const isKept = isSecret && before?.isSet === true && !cleared.includes(variable)
  return (
    <Controller
      control={control}
      name={`values.${variable}`}
      render={({ field: input, fieldState }) => (
        <Field
          label={<Named label={field.label} variable={variable} />}
          optional={!isRequired}
          error={fieldState.error?.message}
          hint={
            <>
              {before?.source === 'environment' && (
                <span className="block text-warn">{texts.overridden}</span>
              )}
              {field.help}
              {isSecret && before?.isSet === true && <ClearSecret control={control} variable={variable} />}
            </>
          }
        >
          {ids => (
            <Input
              {...ids}
              ref={input.ref}
              name={input.name}
              value={input.value ?? ''}
              onChange={input.onChange}
              onBlur={input.onBlur}
              type={isSecret ? 'password' : kind === 'email' ? 'email' : kind === 'url' ? 'url' : 'text'}
              placeholder={isKept ? texts.secretShown : field.placeholder}
            />
          )}
        </Field>
      )}
    />
  )
}

function ClearSecret({
  control,
  variable,
}: {
  readonly control: Control<BackendForm>
  readonly variable: string
}) {
  return (
    <Controller
      control={control}
      name="cleared"
      render={({ field: { value, onChange } }) => {
        const isCleared = value.includes(variable)
        return (
          <span className="mt-1 flex gap-2">
            {isCleared ? texts.secretRemoved : texts.secretSet}
            <TextButton
              onClick={() =>
                onChange(isCleared ? value.filter(each => each !== variable) : [...value, variable])
              }
            >
              {isCleared ? texts.undo : texts.removeSecret}
            </TextButton>
          </span>
        )
      }}
    />
  )
}

function Identity({
  control,
  saved,
}: {
  readonly control: Control<BackendForm>
  readonly saved: SavedBackend
}) {
  const fields = [
    {
      name: 'appId',
      label: texts.appId,
      variable: 'FILE_SYNC_APP_ID',
      help: texts.appIdHelp(saved.effectiveAppId),
    },
    { name: 'userId', label: texts.userId, variable: 'FILE_SYNC_USER_ID', help: texts.userIdHelp },
  ] as const
  return fields.map(({ name, label, variable, help }) => (
    <Controller
      key={name}
      control={control}
      name={name}
      render={({ field, fieldState }) => (
        <Field
          label={<Named label={label} variable={variable} />}
          optional
          hint={help}
          error={fieldState.error?.message}
        >
          {ids => <Input {...ids} {...field} />}
        </Field>
      )}
    />
  ))
}

function Named({ label, variable }: { readonly label: string; readonly variable: string }) {
  return (
    <>
      {label}
      <code className="font-mono text-xs font-normal text-ink-3">{variable}</code>
    </>
  )
}
