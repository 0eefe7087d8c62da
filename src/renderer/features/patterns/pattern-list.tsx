/** A list of patterns, each in a field of its own: typed, removed, added; what each one does stands beside it. */
import { Lock, Plus, Users, X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'
import { escaped, shownText } from '../../../contract/shown.ts'
import type { PreviewedPattern } from '../../../contract/setup.ts'
import { strings } from '../../strings.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { inputClass } from '../../ui/field.tsx'

const texts = strings.rules

export interface PatternNote {
  readonly fault: string | null
  /** A few words: how many files it matches. */
  readonly words: string | null
  /** What to write instead, where it matches no file. */
  readonly meant: string | null
}

/** `preview`: of what stands here now; another one is no answer. */
export function noteOf(preview: PreviewedPattern | undefined, pattern: string): PatternNote | undefined {
  if (preview === undefined || preview.pattern !== pattern) return undefined
  const { fault, isUsed, matches, meant } = preview
  if (!pattern.startsWith('!') || pattern.startsWith('!('))
    return { fault, words: strings.setup.matches(matches), meant }
  return { fault, words: isUsed ? null : texts.takesNothingOut, meant }
}

interface PatternListProps {
  readonly kind: 'shared' | 'private'
  readonly hint: ReactNode
  readonly patterns: readonly string[]
  readonly notes: readonly (PatternNote | undefined)[]
  readonly onChange: (patterns: string[]) => void
}

export function PatternList({ kind, hint, patterns, notes, onChange }: PatternListProps) {
  const list = useRef<HTMLDivElement>(null)
  const Icon = kind === 'shared' ? Users : Lock
  const focus = (index: number) => {
    requestAnimationFrame(() => {
      list.current?.querySelectorAll<HTMLInputElement>('input')[Math.max(0, index)]?.focus()
    })
  }
  const add = (at = patterns.length) => {
    onChange(patterns.toSpliced(at, 0, ''))
    focus(at)
  }
  const remove = (index: number) => {
    onChange(patterns.toSpliced(index, 1))
    focus(Math.min(index, patterns.length - 2))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>, index: number) => {
    if (event.key === 'Enter') {
      event.preventDefault()
      add(index + 1)
    } else if (event.key === 'Backspace' && event.currentTarget.value === '') {
      event.preventDefault()
      remove(index)
    }
  }
  return (
    <fieldset className="min-w-0">
      <legend className="flex items-center gap-2 font-medium">
        <Icon aria-hidden className="size-4 text-ink-3" strokeWidth={1.75} />
        {texts[kind]}
      </legend>
      <p className="mt-0.5 text-sm text-ink-2">{hint}</p>
      <div ref={list} className="mt-3 flex flex-col gap-1.5">
        {patterns.map((pattern, index) => (
          // A pattern has no name but its place in the list.
          <PatternRow
            key={index}
            label={texts.pattern(texts[kind], index + 1)}
            pattern={pattern}
            note={notes[index] ?? NO_NOTE}
            onChange={next => onChange(patterns.with(index, next))}
            onKeyDown={event => onKeyDown(event, index)}
            onRemove={() => remove(index)}
          />
        ))}
      </div>
      <Button kind="quiet" size="sm" icon={Plus} className="mt-1.5 -ml-2" onClick={() => add()}>
        {texts.add}
      </Button>
    </fieldset>
  )
}

const NO_NOTE: PatternNote = { fault: null, words: null, meant: null }

interface PatternRowProps {
  readonly label: string
  readonly pattern: string
  readonly note: PatternNote
  readonly onChange: (pattern: string) => void
  readonly onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => void
  readonly onRemove: () => void
}

function PatternRow({ label, pattern, note, onChange, onKeyDown, onRemove }: PatternRowProps) {
  const { fault, words, meant } = note
  const faultId = useId()
  return (
    <div>
      <div className="relative flex items-center gap-1">
        <input
          aria-label={label}
          aria-invalid={fault === null ? undefined : true}
          aria-describedby={fault === null ? undefined : faultId}
          value={pattern}
          placeholder={texts.placeholder}
          spellCheck={false}
          autoComplete="off"
          onChange={event => onChange(event.target.value)}
          onKeyDown={onKeyDown}
          className={cx(inputClass, 'font-mono text-sm', words !== null && 'pr-24')}
        />
        {fault === null && words !== null && (
          <span className="pointer-events-none absolute right-11 text-xs text-ink-3">{words}</span>
        )}
        <IconButton icon={X} label={texts.removePattern(escaped(pattern))} onClick={onRemove} />
      </div>
      {fault === null && meant !== null && (
        <p className="mt-1 flex flex-wrap items-center gap-x-2 text-sm text-warn">
          {texts.meantHint}
          <Button kind="quiet" size="sm" onClick={() => onChange(meant)}>
            {texts.write(escaped(meant))}
          </Button>
        </p>
      )}
      {fault !== null && (
        <p id={faultId} role="alert" className="mt-1 text-sm text-bad">
          {shownText(fault)}
        </p>
      )}
    </div>
  )
}
