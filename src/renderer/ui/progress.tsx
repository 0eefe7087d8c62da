/** How far long work is; without a known end it says only that it goes on. */
import { Progress as Base } from '@base-ui/react/progress'

interface ProgressProps {
  readonly label: string
  readonly done: number
  readonly total: number | null
}

export function Progress({ label, done, total }: ProgressProps) {
  const value = total === null || total === 0 ? null : Math.min(100, (100 * done) / total)
  return (
    <Base.Root value={value} aria-label={label} className="w-full">
      <Base.Track className="h-1 overflow-hidden rounded-full bg-line">
        <Base.Indicator className="h-full rounded-full bg-accent transition-[width] duration-200 data-indeterminate:w-1/3 data-indeterminate:animate-pulse" />
      </Base.Track>
    </Base.Root>
  )
}
