/** Says that the host is gone, for as long as it is, and once that it is back. */
import { Unplug } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useApp } from '../store/app.ts'
import { strings } from '../strings.ts'
import { Spinner } from '../ui/spinner.tsx'
import { say } from './live-region.tsx'

export function ConnectionBar() {
  const connection = useApp(app => app.connection)
  const wasLost = useRef(false)
  useEffect(() => {
    if (connection === 'lost') wasLost.current = true
    if (connection !== 'live' || !wasLost.current) return
    wasLost.current = false
    say(strings.app.back)
  }, [connection])
  if (connection !== 'lost') return null
  return (
    <div
      role="alert"
      className="flex animate-appear items-center gap-3 border-b border-warn-line bg-warn-soft px-8 py-2.5 max-[1000px]:px-6"
    >
      <Unplug aria-hidden className="size-4 shrink-0 text-warn" strokeWidth={2} />
      <p className="min-w-0 flex-1">
        <span className="font-medium">{strings.app.lost}</span>{' '}
        <span className="text-ink-2">{strings.app.lostDetail}</span>
      </p>
      <Spinner>
        <span className="sr-only">{strings.common.tryAgain}</span>
      </Spinner>
    </div>
  )
}
