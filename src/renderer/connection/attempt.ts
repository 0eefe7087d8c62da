/** Asks the host to do something, for a view that need not know how it went: a failure becomes a note. */
import type { HostClient } from '../../contract/contract.ts'
import { strings } from '../strings.ts'
import { noteError } from '../ui/toasts.tsx'
import { failureText, isAbort } from './failure.ts'
import { host } from './host.ts'

export function attempt<T>(ask: (host: HostClient) => Promise<T>, onDone?: (answer: T) => void): void {
  Promise.resolve()
    .then(() => ask(host()))
    .then(onDone, (error: unknown) => {
      if (!isAbort(error)) noteError(strings.failure.title, failureText(error))
    })
}
