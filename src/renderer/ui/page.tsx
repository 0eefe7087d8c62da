/** The frame of a view that scrolls as a whole: a heading, what can be done, and sections below. */
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

interface PageProps {
  readonly title: ReactNode
  readonly description?: ReactNode
  readonly actions?: ReactNode
  /** For forms: a control stays near its label. */
  readonly isNarrow?: boolean
  readonly children: ReactNode
}

export function Page({ title, description, actions, isNarrow, children }: PageProps) {
  return (
    <div className="h-full overflow-y-auto">
      <div className={cx('px-8 pt-8 pb-16 max-[1000px]:px-6', isNarrow ? 'max-w-[784px]' : 'max-w-[1056px]')}>
        <header className="flex items-start gap-6">
          <div className="min-w-0 flex-1">
            <h1 className="text-xl font-semibold tracking-[-0.014em]">{title}</h1>
            {description !== undefined && <div className="mt-1 text-ink-2">{description}</div>}
          </div>
          {actions !== undefined && <div className="flex shrink-0 items-center gap-2">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  )
}

interface SectionProps {
  readonly title: ReactNode
  readonly hint?: ReactNode
  readonly actions?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

export function Section({ title, hint, actions, className, children }: SectionProps) {
  return (
    <section className={cx('mt-8', className)}>
      <div className="flex items-end justify-between gap-4 pb-3">
        <div className="min-w-0">
          <h2 className="text-base font-semibold">{title}</h2>
          {hint !== undefined && <div className="mt-0.5 text-ink-2">{hint}</div>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  )
}

/** A box of rows that belong together. */
export function Card({ className, children }: { readonly className?: string; readonly children: ReactNode }) {
  return <div className={cx('rounded-lg border border-line bg-raised', className)}>{children}</div>
}
