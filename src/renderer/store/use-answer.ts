/**
 * A question to the host and its answer, for as long as a view needs it.
 *
 * `subject` names what is asked: while it stays, the last answer stays on screen and a newer one replaces it.
 * `version` says when to ask again (a revision of the folder's state); so does a new connection.
 */
import { useCallback, useEffect, useEffectEvent, useState } from 'react'
import type { HostClient } from '../../contract/contract.ts'
import { host } from '../connection/host.ts'
import { useApp } from './app.ts'

export interface Answer<T> {
  /** Null until the first answer. */
  readonly value: T | null
  /** The last question failed; `value` is what was known before. */
  readonly error: unknown
  readonly isAsking: boolean
  readonly again: () => void
  /** A newer answer, from a call that changed something. */
  readonly replace: (value: T) => void
}

interface Held<T> {
  readonly subject: string | null
  /** Of the question that was answered last. */
  readonly stamp: string
  readonly value: T | null
  readonly error: unknown
}

export function useAnswer<T>(
  subject: string | null,
  version: string | number,
  ask: (host: HostClient, signal: AbortSignal) => Promise<T>,
): Answer<T> {
  const epoch = useApp(app => app.epoch)
  const [attempt, setAttempt] = useState(0)
  const [held, setHeld] = useState<Held<T>>({ subject: null, stamp: '', value: null, error: null })
  const stamp = `${epoch} ${attempt} ${version}`
  const askNow = useEffectEvent((signal: AbortSignal) => ask(host(), signal))

  useEffect(() => {
    if (subject === null || epoch === 0) return undefined
    const aborted = new AbortController()
    Promise.resolve()
      .then(() => askNow(aborted.signal))
      .then(
        value => {
          if (!aborted.signal.aborted) setHeld({ subject, stamp, value, error: null })
        },
        (error: unknown) => {
          if (aborted.signal.aborted) return
          setHeld(before => ({
            subject,
            stamp,
            value: before.subject === subject ? before.value : null,
            error,
          }))
        },
      )
    return () => aborted.abort()
  }, [subject, stamp, epoch])

  const again = useCallback(() => setAttempt(number => number + 1), [])
  const replace = useCallback((value: T) => setHeld({ subject, stamp, value, error: null }), [subject, stamp])
  const isOfSubject = held.subject === subject
  return {
    value: isOfSubject ? held.value : null,
    error: isOfSubject ? held.error : null,
    isAsking: !isOfSubject || held.stamp !== stamp,
    again,
    replace,
  }
}
