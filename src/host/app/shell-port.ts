/** What the program around the host does on its machine: the desktop app in its way, the daemon in another. */
import type { Shell } from '../../contract/shell.ts'

export interface ShellPort {
  readonly info: Shell
  /** The system's dialog; null where the person cancelled. */
  pickFolder?(): Promise<string | null>
  /** Both take absolute paths that the host has checked. */
  open?(path: string): Promise<void>
  reveal?(path: string): Promise<void>
  /** An https address that the host has checked. */
  openExternal?(url: string): Promise<void>
  setStartAtLogin?(isOn: boolean): Promise<void>
}
