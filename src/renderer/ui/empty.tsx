/** What a place says when there is nothing in it: why, and what to do next. */
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

interface EmptyProps {
  readonly icon: LucideIcon
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
  /** There is nothing else on the page: its title is the page's. */
  readonly isPage?: boolean
}

export function Empty({ icon: Icon, title, children, action, isPage = false }: EmptyProps) {
  const Heading = isPage ? 'h1' : 'h2'
  return (
    <div className="flex h-full min-h-60 flex-col items-center justify-center px-8 py-12 text-center">
      <div className="flex size-12 items-center justify-center rounded-full border border-line bg-sunken">
        <Icon aria-hidden className="size-5 text-ink-3" strokeWidth={1.75} />
      </div>
      <Heading className="mt-4 text-base font-semibold">{title}</Heading>
      {children !== undefined && <div className="mt-1 max-w-96 text-ink-2">{children}</div>}
      {action !== undefined && <div className="mt-5 flex gap-2">{action}</div>}
    </div>
  )
}
