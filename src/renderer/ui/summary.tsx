/** What opens and closes a `details`; the arrow turns with it. The `details` has the class `group`. */
import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

export function Summary({ children }: { readonly children: ReactNode }) {
  return (
    <summary className="-ml-1 flex w-fit list-none items-center gap-1 rounded-sm pr-1 font-medium text-ink-2 hover:text-ink">
      <ChevronRight
        aria-hidden
        className="size-4 shrink-0 text-ink-3 transition-transform duration-100 group-open:rotate-90"
        strokeWidth={1.75}
      />
      {children}
    </summary>
  )
}
