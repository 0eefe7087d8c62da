/** Which files: patterns on one side, and on the other, live, what they match and what never syncs. */
import { CircleDashed, CircleSlash, FileSearch, Lock, type LucideIcon, Plus, Users } from 'lucide-react'
import { useState } from 'react'
import { shownText } from '../../../contract/shown.ts'
import type { PatternsDraft } from '../../../contract/plan.ts'
import type { Inspection, PatternsPreview, PreviewKind } from '../../../contract/setup.ts'
import { bytes, count } from '../../format/quantity.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Empty } from '../../ui/empty.tsx'
import { SearchInput } from '../../ui/field.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { PathText } from '../../ui/path-text.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { useDelayed } from '../../ui/use-delayed.ts'
import { cleaned, places } from '../patterns/draft.ts'
import { noteOf, PatternList, type PatternNote } from '../patterns/pattern-list.tsx'
import { type Frame, StepFrame } from './step-frame.tsx'

const texts = strings.setup

const KINDS = ['shared', 'private', 'denied', 'unmatched'] as const satisfies readonly PreviewKind[]
const ICONS: Readonly<Record<PreviewKind, readonly [LucideIcon, string]>> = {
  shared: [Users, 'text-ok'],
  private: [Lock, 'text-accent'],
  denied: [CircleSlash, 'text-warn'],
  unmatched: [CircleDashed, 'text-ink-3'],
}
/** The list is for recognizing one's files; the counts are exact. */
const SHOWN = 200

interface FilesStepProps {
  readonly frame: Frame
  readonly inspection: Inspection
  readonly patterns: PatternsDraft
  readonly onPatterns: (patterns: PatternsDraft) => void
  readonly onBack: () => void
  readonly onNext: () => void
}

export function FilesStep({ frame, inspection, patterns, onPatterns, onBack, onNext }: FilesStepProps) {
  const [search, setSearch] = useState('')
  const [kind, setKind] = useState<PreviewKind | null>(null)
  const sought = useDelayed(search)
  const asked = useDelayed(JSON.stringify(cleaned(patterns)))
  const preview = useAnswer(`matches ${inspection.path} ${sought} ${kind ?? ''}`, asked, (host, signal) =>
    host.setup.previewPatterns(
      {
        target: { path: inspection.path },
        patterns: cleaned(patterns),
        kinds: kind === null ? [] : [kind],
        search: sought,
        limit: SHOWN,
      },
      { signal },
    ),
  )
  const faults = [...(preview.value?.shared ?? []), ...(preview.value?.private ?? [])].filter(
    each => each.fault !== null,
  )
  const meant = cleaned(patterns)
  const canGo = faults.length === 0 && meant.shared.length + meant.private.length > 0
  return (
    <StepFrame
      {...frame}
      title={texts.filesTitle}
      text={inspection.config?.fault === null ? texts.keepConfig : texts.filesText}
      onBack={onBack}
      primary={
        <Button kind="primary" disabled={!canGo} onClick={onNext}>
          {strings.common.next}
        </Button>
      }
    >
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(0,1fr)] gap-8 max-[1000px]:gap-6 max-[900px]:grid-cols-1">
        <div className="flex flex-col gap-6">
          <PatternList
            kind="shared"
            hint={strings.rules.sharedHint}
            patterns={patterns.shared}
            notes={notesOf(patterns.shared, preview.value?.shared)}
            onChange={shared => onPatterns({ ...patterns, shared })}
          />
          <PatternList
            kind="private"
            hint={strings.rules.privateShort}
            patterns={patterns.private}
            notes={notesOf(patterns.private, preview.value?.private)}
            onChange={own => onPatterns({ ...patterns, private: own })}
          />
          <FoundTypes
            inspection={inspection}
            patterns={patterns}
            onAdd={pattern => onPatterns({ ...patterns, shared: [...meant.shared, pattern] })}
          />
          <p className="text-sm text-ink-3">{strings.rules.help}</p>
        </div>
        <section
          aria-label={texts.matchList}
          className="flex max-h-[max(320px,calc(100dvh-264px))] min-h-80 min-w-0 flex-col rounded-lg border border-line bg-raised"
        >
          <div className="flex flex-col gap-2 border-b border-line p-3">
            <SearchInput label={texts.search} value={search} onChange={setSearch} />
            <Kinds counts={preview.value?.counts ?? null} value={kind} onChange={setKind} />
          </div>
          {preview.error !== null && preview.value === null && (
            <div className="p-3">
              <LoadFailure error={preview.error} again={preview.again} />
            </div>
          )}
          {preview.value === null && preview.error === null && <Waiting>{strings.common.loading}</Waiting>}
          {preview.value !== null && <Matches preview={preview.value} />}
        </section>
      </div>
    </StepFrame>
  )
}

function notesOf(
  patterns: readonly string[],
  answers: PatternsPreview['shared'] | undefined,
): (PatternNote | undefined)[] {
  return places(patterns).map((place, index) => {
    return noteOf(place === null ? undefined : answers?.[place], patterns[index]!)
  })
}

interface FoundTypesProps {
  readonly inspection: Inspection
  readonly patterns: PatternsDraft
  readonly onAdd: (pattern: string) => void
}

/** Patterns for what was found and is not asked for yet, at one click. */
function FoundTypes({ inspection, patterns, onAdd }: FoundTypesProps) {
  const known = new Set([...patterns.shared, ...patterns.private])
  const offered = inspection.files.types.filter(type => !known.has(type.pattern)).slice(0, 6)
  if (offered.length === 0) return null
  return (
    <div>
      <p className="text-sm font-medium text-ink-2">{texts.byType}</p>
      <div className="mt-2 flex flex-wrap gap-1.5">
        {offered.map(type => (
          <Button
            key={type.pattern}
            size="sm"
            icon={Plus}
            title={type.pattern}
            onClick={() => onAdd(type.pattern)}
          >
            <code className="font-mono text-xs">{type.extension === '' ? '–' : type.extension}</code>
            <span className="text-ink-3">{count(type.count)}</span>
          </Button>
        ))}
      </div>
    </div>
  )
}

interface KindsProps {
  readonly counts: PatternsPreview['counts'] | null
  readonly value: PreviewKind | null
  readonly onChange: (kind: PreviewKind | null) => void
}

/** Only kinds that some file is of, so that the usual case is one line. */
function Kinds({ counts, value, onChange }: KindsProps) {
  const shown = KINDS.filter(kind => (counts?.[kind] ?? 0) > 0 || kind === value)
  return (
    <div role="group" aria-label={strings.files.filter} className="-mx-1 flex min-h-7 flex-wrap">
      {shown.map(kind => {
        const [Icon, tone] = ICONS[kind]
        const isOn = value === kind
        return (
          <button
            key={kind}
            type="button"
            aria-pressed={isOn}
            onClick={() => onChange(isOn ? null : kind)}
            className={cx(
              'flex h-7 items-center gap-1.5 rounded-full border px-2 text-sm transition-colors duration-100',
              isOn
                ? 'border-accent-line bg-accent-soft font-medium'
                : 'border-transparent text-ink-2 hover:bg-hover',
            )}
          >
            <Icon aria-hidden className={cx('size-3.5', tone)} strokeWidth={2} />
            {texts.kinds[kind]}
            <span className="text-ink-3">{counts === null ? '' : count(counts[kind])}</span>
          </button>
        )
      })}
    </div>
  )
}

function Matches({ preview }: { readonly preview: PatternsPreview }) {
  if (preview.rows.length === 0) {
    return (
      <Empty icon={FileSearch} title={texts.noMatch}>
        {texts.noMatchDetail}
      </Empty>
    )
  }
  return (
    <ul
      // The list scrolls by the keyboard too.
      tabIndex={0}
      aria-label={texts.matchList}
      className="min-h-0 flex-1 overflow-y-auto py-1 outline-offset-[-2px]"
    >
      {preview.rows.map(row => {
        const [Icon, tone] = ICONS[row.kind]
        return (
          <li key={row.path} className="grid grid-cols-[16px_minmax(0,1fr)_auto] gap-x-2.5 px-3 py-1.5">
            <Icon aria-hidden className={cx('mt-0.5 size-4', tone)} strokeWidth={1.75} />
            <div className="min-w-0">
              <PathText path={row.path} className={row.kind === 'unmatched' ? 'text-ink-2' : undefined} />
              {row.kind === 'denied' && (
                <p className="text-sm text-ink-3 first-letter:uppercase">{shownText(row.why)}</p>
              )}
              <span className="sr-only">{texts.kinds[row.kind]}</span>
            </div>
            <span className="text-sm text-ink-3">{bytes(row.size)}</span>
          </li>
        )
      })}
      {preview.total > preview.rows.length && (
        <li className="px-3 py-2 text-sm text-ink-3">
          {preview.isCut ? texts.atLeast('') : ''}
          {strings.common.andMore(preview.total - preview.rows.length)}
        </li>
      )}
    </ul>
  )
}
