/**
 * A long list of the host's, of which only the windows that are looked at are here.
 *
 * Windows that were shown stay until newer ones replace them, so a refreshed list neither flickers nor jumps.
 */
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import type { FileRow, FilesPage, FileState } from '../../../../contract/files.ts'
import { host } from '../../../connection/host.ts'
import { useApp } from '../../../store/app.ts'

/** Rows in one window: a few screens. */
const WINDOW = 200
/** Between two refreshes of the same windows, in milliseconds, however fast the files change. */
const REFRESH_MS = 400
/** Windows kept while one scrolls; more are dropped, the farthest first. */
const KEPT = 40

export interface FilesQuestion {
  readonly folderId: string
  readonly search: string
  readonly states: readonly FileState[]
}

export interface Windows {
  /** Null until the first answer. */
  readonly head: Pick<FilesPage, 'total' | 'counts' | 'isComplete'> | null
  readonly row: (index: number) => FileRow | undefined
  readonly error: unknown
  readonly again: () => void
}

interface Held {
  readonly key: string
  readonly head: Windows['head']
  readonly pages: ReadonlyMap<number, readonly FileRow[]>
  readonly error: unknown
}

/** `first` and `last`: the rows that are on screen now. */
export function useWindows(question: FilesQuestion, revision: number, first: number, last: number): Windows {
  const epoch = useApp(app => app.epoch)
  const key = JSON.stringify(question)
  const [attempt, setAttempt] = useState(0)
  const [held, setHeld] = useState<Held>(() => nothing(key))
  const fetched = useRef(new Map<number, string>())
  const lastRefresh = useRef(0)
  const from = Math.floor(first / WINDOW)
  const to = Math.floor(Math.max(first, last) / WINDOW)
  // What an answer must be of to be the newest.
  const stamp = `${key} ${epoch} ${revision} ${attempt}`

  const askLater = (signal: AbortSignal) => {
    const timer = setTimeout(() => setAttempt(number => number + 1), REFRESH_MS)
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  }
  const fetchVisible = useEffectEvent((first: number, last: number, signal: AbortSignal) => {
    for (let window = first; window <= last; window++) {
      if (fetched.current.get(window) === stamp) continue
      fetched.current.set(window, stamp)
      ask(question, window, signal).then(
        page => {
          setHeld(before => take(before, key, window, page))
          // While much is going on, the host may answer with what it knew a moment ago.
          if (page.revision < revision) askLater(signal)
        },
        (error: unknown) => {
          fetched.current.delete(window)
          if (!signal.aborted) setHeld(before => ({ ...(before.key === key ? before : nothing(key)), error }))
        },
      )
    }
  })

  useEffect(() => {
    if (epoch === 0) return undefined
    const aborted = new AbortController()
    const wait = Math.max(0, lastRefresh.current + REFRESH_MS - Date.now())
    const isRefresh = [...fetched.current.values()].some(of => of !== stamp && of.startsWith(`${key} `))
    const timer = setTimeout(
      () => {
        lastRefresh.current = Date.now()
        fetchVisible(from, to, aborted.signal)
      },
      isRefresh ? wait : 0,
    )
    return () => {
      clearTimeout(timer)
      aborted.abort()
    }
  }, [key, stamp, epoch, from, to])

  return useMemo(() => {
    const isNow = held.key === key
    return {
      head: isNow ? held.head : null,
      row: index => (isNow ? held.pages.get(Math.floor(index / WINDOW))?.[index % WINDOW] : undefined),
      error: isNow ? held.error : null,
      again: () => setAttempt(number => number + 1),
    }
  }, [held, key])
}

function ask(question: FilesQuestion, window: number, signal: AbortSignal): Promise<FilesPage> {
  const { folderId, search, states } = question
  return host().files.list(
    { folderId, search, states: [...states], offset: window * WINDOW, limit: WINDOW },
    { signal },
  )
}

function take(before: Held, key: string, window: number, page: FilesPage): Held {
  const current = before.key === key ? before : nothing(key)
  const pages = new Map(current.pages).set(window, page.rows)
  if (pages.size > KEPT) {
    const [farthest] = [...pages.keys()].sort((a, b) => Math.abs(b - window) - Math.abs(a - window))
    if (farthest !== undefined) pages.delete(farthest)
  }
  const { total, counts, isComplete } = page
  return { key, head: { total, counts, isComplete }, pages, error: null }
}

function nothing(key: string): Held {
  return { key, head: null, pages: new Map(), error: null }
}
