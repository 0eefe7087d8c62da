/** Whether the program at the other end of a loopback connection is this user's. Linux: proc(5), /proc/net/tcp. */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/** Browsers also reach 127.0.0.1 by sockets of IPv6. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6']

/** Of a row: the addresses of the socket and of what it is connected to, its state, and its owner. */
const LOCAL = 1
const REMOTE = 2
const STATE = 3
const USER = 7

/** The owner of one that was closed is given as root. */
const ESTABLISHED = '01'

/** False also where it cannot be told. */
export function isOwnUser({ remotePort, localPort }: Pick<Socket, 'remotePort' | 'localPort'>): boolean {
  if (remotePort === undefined || localPort === undefined) return false
  const users = TABLES.flatMap(rowsOf)
    .filter(row => isPort(row[LOCAL], remotePort) && isPort(row[REMOTE], localPort))
    .map(row => (row[STATE] === ESTABLISHED ? Number(row[USER]) : null))
  // One connection; two with these ports would be of other addresses.
  return users.length === 1 && users[0] === process.getuid?.()
}

function isPort(address: string | undefined, port: number): boolean {
  return Number.parseInt(address?.split(':')[1] ?? '', 16) === port
}

function rowsOf(table: string): string[][] {
  try {
    const [, ...rows] = readFileSync(table, 'utf8').split('\n')
    return rows.map(row => row.trim().split(/\s+/))
  } catch {
    // No IPv6, or no Linux.
    return []
  }
}
