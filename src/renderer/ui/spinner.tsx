/** Work that has no measure. Its words are read out; the circle stands still where motion is reduced. */
import { LoaderCircle } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'

export function Spinner({ children }: { readonly children: ReactNode }) {
  return (
    <div role="status" className="flex items-center gap-2 text-ink-2">
      <LoaderCircle aria-hidden className="size-4 animate-turn" strokeWidth={1.75} />
      {children}
    </div>
  )
}

/** Quick answers need no spinner: it comes only when the wait is felt. */
const FELT_MS = 250

export function Waiting({ children }: { readonly children: ReactNode }) {
  const [felt, setFelt] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setFelt(true), FELT_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="flex min-h-40 items-center justify-center">{felt && <Spinner>{children}</Spinner>}</div>
  )
}
