/** A state: an icon whose shape differs, a word, and a colour that is never alone. */
import type { LucideIcon } from 'lucide-react'
import type { LookTone } from '../format/folder-look.ts'
import { cx } from './cx.ts'

const TONES: Readonly<Record<LookTone, string>> = {
  ok: 'text-ok',
  busy: 'text-accent',
  quiet: 'text-ink-3',
  warn: 'text-warn',
  bad: 'text-bad',
}

interface MarkProps {
  readonly icon: LucideIcon
  readonly tone: LookTone
  readonly word: string
  /** The word is only read out; the place explains the icon by itself. */
  readonly iconOnly?: boolean
  readonly isTurning?: boolean
  readonly className?: string
}

export function Mark({ icon: Icon, tone, word, iconOnly, isTurning, className }: MarkProps) {
  return (
    <span
      className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', className)}
      title={iconOnly ? word : undefined}
    >
      <Icon
        aria-hidden
        className={cx('size-4 shrink-0', TONES[tone], isTurning && 'animate-turn')}
        strokeWidth={2}
      />
      <span className={iconOnly ? 'sr-only' : undefined}>{word}</span>
    </span>
  )
}
