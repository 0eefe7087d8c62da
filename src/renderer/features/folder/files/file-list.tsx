/**
 * The rows that are on screen, of however many there are.
 *
 * A grid with one stop for the Tab key: arrows, Page Up and Down, Home and End move along the rows, Enter
 * opens one. The focus stays on the grid and names the row, so a row may leave the screen without losing it.
 */
import { Lock } from 'lucide-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'
import type { FileRow } from '../../../../contract/files.ts'
import { fileLook } from '../../../format/file-look.ts'
import { bytes } from '../../../format/quantity.ts'
import { strings } from '../../../strings.ts'
import { cx } from '../../../ui/cx.ts'
import { Mark } from '../../../ui/mark.tsx'
import { PathText } from '../../../ui/path-text.tsx'
import { Ago } from '../../../ui/time.tsx'

const texts = strings.files

/** In CSS pixels. */
const ROW_HEIGHT = 36

const COLUMNS =
  'grid grid-cols-[minmax(0,1fr)_104px] gap-x-4 @lg:grid-cols-[minmax(0,1fr)_104px_104px] @3xl:grid-cols-[minmax(0,1fr)_80px_112px_120px] items-center'

interface FileListProps {
  readonly ref: Ref<HTMLDivElement>
  readonly total: number
  readonly row: (index: number) => FileRow | undefined
  readonly selected: string | null
  readonly onRange: (range: { readonly first: number; readonly last: number }) => void
  readonly onSelect: (path: string) => void
}

export function FileList({ ref, total, row, selected, onRange, onSelect }: FileListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  useImperativeHandle(ref, () => scroller.current ?? document.createElement('div'))
  const [active, setActive] = useState(0)
  // React's compiler is not used here, which is what this library does not go with.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? 0
  useEffect(() => onRange({ first, last }), [first, last, onRange])

  const current = Math.min(active, total - 1)
  const move = (to: number) => {
    const index = Math.max(0, Math.min(total - 1, to))
    setActive(index)
    virtual.scrollToIndex(index, { align: 'auto' })
    const next = row(index)
    // While a file is explained beside the list, the explanation follows the row.
    if (selected !== null && next !== undefined) onSelect(next.path)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1)
    const to: Readonly<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: total - 1,
    }
    const target = to[event.key]
    const chosen = row(current)
    if (target !== undefined) move(target)
    else if ((event.key === 'Enter' || event.key === ' ') && chosen !== undefined) onSelect(chosen.path)
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={texts.list}
      aria-rowcount={total + 1}
      aria-activedescendant={rowId(current)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="group min-h-0 flex-1 overflow-y-auto border-t border-line outline-offset-[-2px]"
    >
      <div
        role="row"
        aria-rowindex={1}
        className={cx(
          COLUMNS,
          'sticky top-0 z-10 h-8 border-b border-line bg-canvas px-8 text-xs font-medium text-ink-3 max-[1000px]:px-6',
        )}
      >
        <span role="columnheader">{texts.columns.path}</span>
        <span role="columnheader" className="hidden text-right @3xl:block">
          {texts.columns.size}
        </span>
        <span role="columnheader" className="hidden @lg:block">
          {texts.columns.changed}
        </span>
        <span role="columnheader">{texts.columns.state}</span>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => (
          <Row
            key={index}
            index={index}
            start={start}
            file={row(index)}
            isActive={index === current}
            selected={selected}
            onSelect={path => {
              setActive(index)
              onSelect(path)
            }}
          />
        ))}
      </div>
    </div>
  )
}

function rowId(index: number): string {
  return `file-${index}`
}

interface RowProps {
  readonly index: number
  readonly start: number
  readonly file: FileRow | undefined
  readonly isActive: boolean
  readonly selected: string | null
  readonly onSelect: (path: string) => void
}

function Row({ index, start, file, isActive, selected, onSelect }: RowProps) {
  const isSelected = file !== undefined && file.path === selected
  return (
    // The keys are the grid's: it has the focus for all its rows.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={rowId(index)}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      tabIndex={-1}
      onClick={() => file !== undefined && onSelect(file.path)}
      style={{ height: ROW_HEIGHT, transform: `translateY(${start}px)` }}
      className={cx(
        COLUMNS,
        'absolute inset-x-0 top-0 px-8 outline-none select-none max-[1000px]:px-6',
        isSelected ? 'bg-accent-soft' : 'hover:bg-hover',
        isActive && 'group-focus-visible:bg-press',
      )}
    >
      {file === undefined ? <Coming /> : <Cells file={file} />}
    </div>
  )
}

function Coming() {
  return (
    <span role="gridcell" className="h-2 w-2/5 rounded-full bg-line">
      <span className="sr-only">{strings.common.loading}</span>
    </span>
  )
}

function Cells({ file }: { readonly file: FileRow }) {
  const { icon, tone } = fileLook(file.state)
  const isPrivate = file.channel === 'private'
  return (
    <>
      <span role="gridcell" className="flex min-w-0 items-center gap-2">
        <PathText path={file.path} />
        {isPrivate && (
          <span title={texts.private} className="shrink-0">
            <Lock aria-hidden className="size-3.5 text-ink-3" strokeWidth={1.75} />
            <span className="sr-only">{texts.private}</span>
          </span>
        )}
      </span>
      <span role="gridcell" className="hidden truncate text-right text-sm text-ink-3 @3xl:block">
        {file.size === null ? '–' : bytes(file.size)}
      </span>
      <span role="gridcell" className="hidden truncate text-sm text-ink-3 @lg:block">
        {file.changedAt === null ? '–' : <Ago time={file.changedAt} />}
      </span>
      <span
        role="gridcell"
        className="flex min-w-0 items-center overflow-hidden text-sm"
        title={file.note ?? undefined}
      >
        <Mark icon={icon} tone={tone} word={texts.states[file.state]} />
      </span>
    </>
  )
}
