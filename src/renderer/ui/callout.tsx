/** Something a person should know here: an icon's shape, words, and a colour, in this order of weight. */
import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { shownNode } from './shown-node.ts'

export type Tone = 'info' | 'ok' | 'warn' | 'bad'

const TONES: Readonly<
  Record<Tone, { readonly icon: LucideIcon; readonly box: string; readonly mark: string }>
> = {
  info: { icon: Info, box: 'border-accent-line bg-accent-soft', mark: 'text-accent' },
  ok: { icon: CircleCheck, box: 'border-ok-line bg-ok-soft', mark: 'text-ok' },
  warn: { icon: TriangleAlert, box: 'border-warn-line bg-warn-soft', mark: 'text-warn' },
  bad: { icon: CircleAlert, box: 'border-bad-line bg-bad-soft', mark: 'text-bad' },
}

interface CalloutProps {
  readonly tone: Tone
  readonly title?: ReactNode
  readonly children?: ReactNode
  /** What can be done about it. */
  readonly action?: ReactNode
  readonly icon?: LucideIcon
  readonly className?: string
  /** Said by a screen reader as soon as it appears. */
  readonly live?: boolean
}

export function Callout({ tone, title, children, action, icon, className, live }: CalloutProps) {
  const { icon: ToneIcon, box, mark } = TONES[tone]
  const Icon = icon ?? ToneIcon
  return (
    <div
      role={live ? (tone === 'bad' ? 'alert' : 'status') : undefined}
      className={cx('flex items-start gap-3 rounded-lg border px-4 py-3', box, className)}
    >
      <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', mark)} strokeWidth={2} />
      <div className="min-w-0 flex-1">
        {title !== undefined && <p className="font-medium break-words">{shownNode(title)}</p>}
        {children !== undefined && (
          <div className={cx('break-words text-ink-2', title !== undefined && 'mt-0.5')}>
            {shownNode(children)}
          </div>
        )}
      </div>
      {action !== undefined && <div className="flex shrink-0 items-center gap-2 self-center">{action}</div>}
    </div>
  )
}
