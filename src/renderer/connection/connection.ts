/** What a connection to the host is, whatever carries it. */
import type { HostClient } from '../../contract/contract.ts'

export interface Connection {
  readonly client: HostClient
  /** Resolves when the connection is gone, for whatever reason. Never rejects. */
  readonly closed: Promise<void>
  readonly close: () => void
}

/** Rejects where no connection comes about: SessionRefused where none will, anything else is tried again. */
export type Connect = (signal: AbortSignal) => Promise<Connection>

/** The host does not accept this page: it has no pass, or none that is good any more. */
export class SessionRefused extends Error {}
