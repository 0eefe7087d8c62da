/** One piece of work at a time, whose button shows that it goes on and whose failure is shown beside it. */
import { useEffect, useRef, useState } from 'react'
import type { HostClient } from '../../contract/contract.ts'
import { failureText } from '../connection/failure.ts'
import { host } from '../connection/host.ts'
import { strings } from '../strings.ts'
import { noteError } from '../ui/toasts.tsx'

export interface Work {
  readonly isBusy: boolean
  /** For a person; null where the last attempt went well. */
  readonly failure: string | null
  /**
   * `onDone` is not called where the view is gone by then: nobody is led away from where they went meanwhile.
   * `onError` may take an error for itself by returning true.
   */
  readonly run: <T>(
    ask: (host: HostClient) => Promise<T>,
    onDone?: (answer: T) => void,
    onError?: (error: unknown) => boolean,
  ) => void
}

export function useWork(): Work {
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const isHere = useRef(false)
  useEffect(() => {
    isHere.current = true
    return () => {
      isHere.current = false
    }
  }, [])
  const run: Work['run'] = (ask, onDone, onError) => {
    setBusy(true)
    setFailure(null)
    Promise.resolve()
      .then(() => ask(host()))
      .then(answer => {
        if (isHere.current) onDone?.(answer)
      })
      .catch((error: unknown) => {
        if (!isHere.current) noteError(strings.failure.title, failureText(error))
        else if (onError?.(error) !== true) setFailure(failureText(error))
      })
      .finally(() => setBusy(false))
  }
  return { isBusy, failure, run }
}
