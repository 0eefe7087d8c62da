/** The rows of a box of settings: what it is on the left, its control on the right. */
import type { ReactNode } from 'react'
import { Card } from '../../ui/page.tsx'

export function Rows({ children }: { readonly children: ReactNode }) {
  return <Card className="divide-y divide-line px-4">{children}</Card>
}

export function Row({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="flex min-h-14 items-center justify-between gap-6 py-3">
      <span className="font-medium">{label}</span>
      {children}
    </div>
  )
}
