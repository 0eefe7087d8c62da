/**
 * The tray icon, where the desktop shows one, whenever it begins to. At login a panel may come later than we do,
 * and a person may switch GNOME's extension on or off: so it is asked again, and whenever it matters.
 */
import type { HostView } from './host-view.ts'
import { AppTray, type AppTrayOptions } from './tray.ts'
import { hasTrayHost } from './tray-host.ts'

export interface PresenceOptions extends AppTrayOptions {
  readonly view: () => HostView
  /** It has come or gone. */
  readonly onChange: () => void
  /** There is no tray, or no longer one. */
  readonly onGone: () => void
}

/** After a start, in milliseconds: a panel that comes late comes soon. */
const FIRST_LOOKS_MS = [1_000, 3_000, 8_000, 20_000]
const LOOK_MS = 60_000
/** How long a desktop without a tray is given before the window shows up instead, in milliseconds. */
const GRACE_MS = 8_000

export class TrayPresence {
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #timers = new Set<NodeJS.Timeout>()
  #options: PresenceOptions | null = null
  #tray: AppTray | null = null
  #isGoneTold = false
  #startedAt = 0

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env
  }

  get isThere(): boolean {
    return this.#tray !== null
  }

  start(options: PresenceOptions): void {
    this.#options = options
    this.#startedAt = performance.now()
    // Elsewhere it is always there, and need not wait for an answer.
    if (process.platform !== 'linux') return this.#follow(true)
    void this.look()
    for (const wait of FIRST_LOOKS_MS) this.#timers.add(setTimeout(() => void this.look(), wait))
    this.#timers.add(setInterval(() => void this.look(), LOOK_MS).unref())
  }

  /** Whether it is there just now. */
  async look(): Promise<boolean> {
    const isThere = await hasTrayHost(process.platform, this.#env)
    this.#follow(isThere)
    return isThere
  }

  update(view: HostView): void {
    this.#tray?.update(view)
  }

  end(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#options = null
    this.#tray?.end()
    this.#tray = null
  }

  #follow(isThere: boolean): void {
    const options = this.#options
    if (options === null) return
    if (isThere) {
      this.#isGoneTold = false
      if (this.#tray !== null) return
      this.#tray = new AppTray(options, options.view())
      options.onChange()
      return
    }
    this.#tray?.end()
    const hadOne = this.#tray !== null
    this.#tray = null
    if (hadOne) options.onChange()
    const isLate = performance.now() - this.#startedAt >= GRACE_MS
    if (this.#isGoneTold || !(hadOne || isLate)) return
    this.#isGoneTold = true
    options.onGone()
  }
}
