/** A moment, as a distance that stays right while it is looked at; the exact time is in the tooltip. */
import { exactly, since } from '../format/time.ts'
import { useNow } from './use-now.ts'

export function Ago({ time, className }: { readonly time: number; readonly className?: string }) {
  const now = useNow()
  return (
    <time dateTime={new Date(time).toISOString()} title={exactly(time)} className={className}>
      {since(time, now)}
    </time>
  )
}
