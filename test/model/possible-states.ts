/**
 * What may be true of one path on several devices and in the database between them, given what was observed.
 *
 * In the manner of Hughes, Pierce, Arts and Norell, "Mysteries of Dropbox" (2016): programs' reads and writes
 * are observed, uploads and downloads are not. So there is a set of possible states. What is not observed may
 * happen at any moment, an observation leaves the states that agree with it, and an empty set means that the
 * engine has done what no rule allows. It knows the rules (SPEC.md, R2, R4, R6, R7) and no code of the engine.
 *
 * Contents are single values: two that differ never merge.
 */

/** Null: there is no file. */
export type Value = string | null

interface Agreed {
  readonly value: Value
  /** Which of the record's values it was: an index of `record`. */
  readonly index: number
}

interface DeviceState {
  readonly local: Value
  readonly base: Agreed
  /**
   * The base as the state store still has it while a step of sync has taken effect already. A push that was
   * not recorded is unknown after a kill; a file that was written is known for sync's own as long as nobody
   * has touched it (`isKnown`).
   */
  readonly recorded: Agreed | null
  readonly isKnown: boolean
  readonly isRunning: boolean
}

interface State {
  /** The record's values, oldest first, as far back as any device's base. A download may bring any later one. */
  readonly record: readonly Value[]
  readonly devices: readonly DeviceState[]
}

/** What is seen when everything has come to rest. */
export interface Rest {
  readonly record: Value
  readonly devices: readonly {
    readonly local: Value
    readonly conflict: { readonly base: Value; readonly local: Value; readonly remote: Value } | null
  }[]
}

export class PossibleStates {
  #states: ReadonlyMap<string, State>

  constructor(devices: number) {
    const nothing = { value: null, index: 0 }
    const device = { local: null, base: nothing, recorded: null, isKnown: false, isRunning: true }
    this.#states = setOf([{ record: [null], devices: Array.from({ length: devices }, () => device) }])
  }

  get count(): number {
    return this.#states.size
  }

  /** A program has read the file. */
  read(device: number, value: Value): void {
    this.#observe(state => (state.devices[device]!.local === value ? [state] : []))
  }

  /** A program has written or deleted the file; `former` is what it saw there in the same moment. */
  write(device: number, former: Value, value: Value): void {
    this.#observe(state => {
      const { local } = state.devices[device]!
      return local === former ? [changed(state, device, written(state.devices[device]!, value))] : []
    })
  }

  kill(device: number): void {
    this.#observe(state => [changed(state, device, killed(state.devices[device]!))])
  }

  start(device: number): void {
    // What was staged is recorded at the start.
    const started = { isRunning: true, recorded: null, isKnown: false }
    this.#observe(state => [changed(state, device, { ...state.devices[device]!, ...started })])
  }

  rest(seen: Rest): void {
    this.#observe(state => (isAtRest(state) && agrees(state, seen) ? [state] : []))
  }

  /** Up to five of them, for a failure's message. */
  describe(): string {
    return [...this.#states.keys()].slice(0, 5).join('\n')
  }

  #observe(next: (state: State) => readonly State[]): void {
    this.#states = setOf([...withHidden(this.#states).values()].flatMap(state => next(state)))
  }
}

/** All that may have become of these states without anybody seeing it. */
function withHidden(states: ReadonlyMap<string, State>): ReadonlyMap<string, State> {
  const all = new Map(states)
  const fresh = [...all.values()]
  for (let state = fresh.pop(); state !== undefined; state = fresh.pop()) {
    for (const next of hiddenSteps(state)) {
      const key = keyOf(next)
      if (all.has(key)) continue
      all.set(key, next)
      fresh.push(next)
    }
  }
  return all
}

function hiddenSteps(state: State): State[] {
  return state.devices.flatMap((device, at) => {
    if (!device.isRunning) return []
    if (device.recorded !== null) return [changed(state, at, { ...device, recorded: null, isKnown: false })]
    return [...downloads(state, device, at), ...uploads(state, device, at)]
  })
}

function downloads(state: State, device: DeviceState, at: number): State[] {
  const { local, base } = device
  return state.record.flatMap((value, index) => {
    if (index <= base.index) return []
    const agreed = { value, index }
    // Equal on both sides: only the base is to be recorded.
    if (local === value) return [changed(state, at, { ...device, base: agreed })]
    const isUnchanged = local === base.value
    const editBeatsDelete = local === null && value !== base.value
    if (!isUnchanged && !editBeatsDelete) return []
    return [changed(state, at, { ...device, local: value, base: agreed, recorded: base, isKnown: true })]
  })
}

/** Conditional on the record's being the one that was agreed on, or gone. */
function uploads(state: State, device: DeviceState, at: number): State[] {
  const { local, base } = device
  const now = state.record.at(-1)!
  if (local === base.value) return []
  if (now !== base.value && (now !== null || local === null)) return []
  const record = [...state.record, local]
  const agreed = { value: local, index: record.length - 1 }
  return [changed({ ...state, record }, at, { ...device, base: agreed, recorded: base, isKnown: false })]
}

function written(device: DeviceState, value: Value): DeviceState {
  if (value === device.local) return device
  const { recorded, isKnown, isRunning } = device
  if (recorded === null) return { ...device, local: value }
  // While nobody runs, nobody records any more: the file is now an edit of what the state store knows.
  if (isKnown && !isRunning)
    return { ...device, local: value, base: recorded, recorded: null, isKnown: false }
  return { ...device, local: value, isKnown: false }
}

function killed(device: DeviceState): DeviceState {
  const { recorded, isKnown } = device
  if (recorded === null || isKnown) return { ...device, isRunning: false }
  return { ...device, isRunning: false, base: recorded, recorded: null }
}

function isAtRest(state: State): boolean {
  const now = state.record.at(-1)!
  return state.devices.every(({ isRunning, local, base, recorded }) => {
    if (!isRunning || recorded !== null) return false
    if (local === now) return base.value === now
    return local !== null && now !== null && local !== base.value && now !== base.value
  })
}

function agrees(state: State, seen: Rest): boolean {
  const now = state.record.at(-1)!
  if (now !== seen.record) return false
  return state.devices.every(({ local, base }, at) => {
    const { local: file, conflict } = seen.devices[at]!
    if (local !== file) return false
    if (local === now) return conflict === null
    return conflict?.base === base.value && conflict.local === local && conflict.remote === now
  })
}

function changed(state: State, at: number, device: DeviceState): State {
  return { ...state, devices: state.devices.with(at, device) }
}

function setOf(states: readonly State[]): ReadonlyMap<string, State> {
  return new Map(states.map(trimmed).map(state => [keyOf(state), state]))
}

/** Values older than every base can be downloaded no more. */
function trimmed(state: State): State {
  const oldest = Math.min(
    ...state.devices.flatMap(({ base, recorded }) => [base.index, recorded?.index ?? base.index]),
  )
  if (oldest === 0) return state
  const shifted = ({ value, index }: Agreed): Agreed => ({ value, index: index - oldest })
  return {
    record: state.record.slice(oldest),
    devices: state.devices.map(device => ({
      ...device,
      base: shifted(device.base),
      recorded: device.recorded === null ? null : shifted(device.recorded),
    })),
  }
}

function keyOf(state: State): string {
  return JSON.stringify(state)
}
