/** One earlier version in a list: when it was put aside, why, where, and how large it is. */
import { ChevronRight } from 'lucide-react'
import type { HistoryVersion } from '../../../../contract/files.ts'
import { bytes } from '../../../format/quantity.ts'
import { clockTime } from '../../../format/time.ts'
import { strings } from '../../../strings.ts'
import { PathText } from '../../../ui/path-text.tsx'
import { Ago } from '../../../ui/time.tsx'

const texts = strings.history

interface VersionRowProps {
  readonly version: HistoryVersion
  /** Where the list is of more than one file. */
  readonly withPath?: boolean
  readonly onOpen: (opener: HTMLButtonElement) => void
}

export function VersionRow({ version, withPath, onOpen }: VersionRowProps) {
  const why = `${texts.reasons[version.reason] ?? version.reason} ${texts.device(version.device)}`
  return (
    <button
      type="button"
      aria-haspopup="dialog"
      onClick={event => onOpen(event.currentTarget)}
      className="group/version flex w-full items-center gap-3 rounded-md px-2 py-1.5 text-left hover:bg-hover"
    >
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline justify-between gap-3">
          {withPath === true ? (
            <PathText path={version.path} className="font-medium" />
          ) : (
            <span>
              <Ago time={version.time} className="font-medium" />
              {/* Of several within the hour, which one. */}
              <span className="text-sm text-ink-3"> · {clockTime(version.time)}</span>
            </span>
          )}
          <span className="shrink-0 text-sm text-ink-3">
            {withPath === true && <Ago time={version.time} className="mr-3" />}
            {bytes(version.size)}
          </span>
        </span>
        <span className="block truncate text-sm text-ink-3" title={why}>
          {why}
        </span>
      </span>
      <ChevronRight
        aria-hidden
        className="-mr-1 size-4 shrink-0 text-ink-3 group-hover/version:text-ink"
        strokeWidth={1.75}
      />
    </button>
  )
}
