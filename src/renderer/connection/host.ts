/** The host to ask. While the connection is lost, its calls fail; what matters is asked again after it is back. */
import type { HostClient } from '../../contract/contract.ts'

let current: HostClient | null = null

/** There was no connection to ask over. */
class NotConnected extends Error {}

export function setHost(client: HostClient): void {
  current = client
}

export function host(): HostClient {
  if (current === null) throw new NotConnected()
  return current
}
