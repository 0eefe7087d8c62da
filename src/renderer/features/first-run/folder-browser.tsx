/** This machine's folders, for a page that has no dialog of the system. Where one is is what is chosen. */
import { CornerLeftUp, Eye, EyeOff, Folder, FolderCheck, FolderCog, House } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { BrowseEntry, BrowsePage } from '../../../contract/setup.ts'
import { fromHome, underHome } from '../../format/path.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { strings } from '../../strings.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { inputClass } from '../../ui/field.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { NameText } from '../../ui/name-text.tsx'
import { Waiting } from '../../ui/spinner.tsx'

const texts = strings.setup

interface FolderBrowserProps {
  readonly path: string | null
  readonly onPath: (path: string) => void
}

export function FolderBrowser({ path, onPath }: FolderBrowserProps) {
  const [showHidden, setShowHidden] = useState(false)
  const answer = useAnswer(`browse ${path ?? ''} ${showHidden}`, 0, (host, signal) =>
    host.setup.browse({ path, showHidden }, { signal }),
  )
  // While the next folder is read, the last one stays: the list does not flicker.
  const [page, setPage] = useState<BrowsePage | null>(null)
  if (answer.value !== null && answer.value !== page) setPage(answer.value)
  if (page === null) {
    return answer.error === null ? (
      <Waiting>{strings.common.loading}</Waiting>
    ) : (
      <LoadFailure error={answer.error} again={answer.again} />
    )
  }
  return (
    <section
      aria-label={texts.entries}
      className="flex max-h-[max(320px,calc(100dvh-264px))] min-h-[320px] min-w-0 max-[900px]:max-h-[320px] max-[900px]:min-h-60 flex-col overflow-hidden rounded-lg border border-line bg-raised"
    >
      <div className="flex items-center gap-1 border-b border-line p-2">
        <IconButton icon={House} label={texts.home} onClick={() => onPath(page.home)} />
        <IconButton
          icon={CornerLeftUp}
          label={texts.up}
          disabled={page.parent === null}
          onClick={() => page.parent !== null && onPath(page.parent)}
        />
        <PathInput key={page.path} path={page.path} home={page.home} onPath={onPath} />
        <IconButton
          icon={showHidden ? EyeOff : Eye}
          label={texts.showHidden}
          aria-pressed={showHidden}
          onClick={() => setShowHidden(!showHidden)}
        />
      </div>
      {answer.error !== null && (
        <div className="p-3">
          <LoadFailure error={answer.error} again={answer.again} />
        </div>
      )}
      <Entries key={page.path} page={page} onPath={onPath} />
    </section>
  )
}

interface PathInputProps {
  readonly path: string
  readonly home: string
  readonly onPath: (path: string) => void
}

function PathInput({ path, home, onPath }: PathInputProps) {
  const shown = underHome(path, home)
  const [typed, setTyped] = useState(shown)
  return (
    <form
      className="flex min-w-0 flex-1 items-center gap-1"
      onSubmit={event => {
        event.preventDefault()
        if (typed.trim() !== '') onPath(fromHome(typed.trim(), home))
      }}
    >
      <input
        aria-label={texts.typePath}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        onChange={event => setTyped(event.target.value)}
        className={cx(inputClass, 'text-sm')}
      />
      {typed !== shown && (
        <Button type="submit" size="sm">
          {texts.goTo}
        </Button>
      )}
    </form>
  )
}

/** One stop for the Tab key; the arrows move along the folders, Enter goes in, Backspace goes up. */
function Entries({ page, onPath }: { readonly page: BrowsePage; readonly onPath: (path: string) => void }) {
  const list = useRef<HTMLUListElement>(null)
  const [active, setActive] = useState(0)
  const hadFocus = useRef(
    document.activeElement !== null && document.activeElement.closest('[data-folder-list]') !== null,
  )
  useEffect(() => {
    // The folder that was entered had the focus; its first folder gets it now.
    if (hadFocus.current) list.current?.querySelector('button')?.focus()
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: page.entries.length - 1 }[
      event.key
    ]
    if (to !== undefined) {
      event.preventDefault()
      const next = Math.max(0, Math.min(page.entries.length - 1, to))
      setActive(next)
      list.current?.querySelectorAll('button')[next]?.focus()
    } else if (event.key === 'Backspace' && page.parent !== null) {
      event.preventDefault()
      onPath(page.parent)
    }
  }
  if (page.entries.length === 0) return <p className="p-6 text-center text-ink-3">{texts.empty}</p>
  return (
    // The keys are those of the buttons in it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ul
      ref={list}
      data-folder-list
      aria-label={texts.entries}
      onKeyDown={onKeyDown}
      className="min-h-0 flex-1 overflow-y-auto p-1"
    >
      {page.entries.map((entry, index) => (
        <li key={entry.path}>
          <Entry entry={entry} isStop={index === active} onOpen={() => onPath(entry.path)} />
        </li>
      ))}
      {page.isCut && <li className="px-3 py-2 text-sm text-ink-3">{texts.cut}</li>}
    </ul>
  )
}

interface EntryProps {
  readonly entry: BrowseEntry
  readonly isStop: boolean
  readonly onOpen: () => void
}

function Entry({ entry, isStop, onOpen }: EntryProps) {
  const Icon = entry.isAdded ? FolderCheck : entry.isProject || entry.isConfigured ? FolderCog : Folder
  const word = entry.isAdded
    ? texts.added
    : entry.isConfigured
      ? texts.configured
      : entry.isProject
        ? texts.project
        : null
  return (
    <button
      type="button"
      tabIndex={isStop ? 0 : -1}
      onClick={onOpen}
      className="flex h-9 w-full items-center gap-2.5 rounded-md px-2 text-left outline-offset-[-2px] hover:bg-hover"
    >
      <Icon
        aria-hidden
        className={cx('size-4 shrink-0', word === null ? 'text-ink-3' : 'text-accent')}
        strokeWidth={1.75}
      />
      <span className="min-w-0 flex-1 truncate">
        <NameText name={entry.name} />
      </span>
      {word !== null && <span className="shrink-0 text-sm text-ink-3">{word}</span>}
    </button>
  )
}
