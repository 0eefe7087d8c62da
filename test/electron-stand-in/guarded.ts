/**
 * What an app asks of an object that the stand-in does not have fails at once, by name, and is kept as a fault
 * of the run: a test that passes has used nothing that is only pretended.
 */
import { EventEmitter } from 'node:events'

/** The stand-in lacks something, or the app does what has no effect here. Tests end by asking for these. */
class StandInFault extends Error {
  override readonly name = 'StandInFault'
}

export const faults: string[] = []

export function fault(text: string): StandInFault {
  faults.push(text)
  process.stderr.write(`stand-in: ${text}\n`)
  return new StandInFault(text)
}

/** What JavaScript itself looks for on any object. */
const ASKED_OF_ALL: ReadonlySet<string> = new Set(['then', 'toJSON'])

/** The object; reading or writing a member that it lacks throws. */
export function guard<T extends object>(name: string, object: T): T {
  const has = (target: object, key: string | symbol) =>
    typeof key === 'symbol' || key in target || ASKED_OF_ALL.has(key)
  return new Proxy(object, {
    get(target, key, receiver): unknown {
      if (!has(target, key)) throw fault(`the stand-in has no ${name}.${String(key)}`)
      return Reflect.get(target, key, receiver)
    },
    set(target, key, value, receiver): boolean {
      if (!has(target, key)) throw fault(`the stand-in has no ${name}.${String(key)} to set`)
      return Reflect.set(target, key, value, receiver)
    },
  })
}

const whose = Symbol('whose')

/** Their constructors return the guard, so that the private fields of classes below them lie on the guard. */
export class GuardedObject {
  readonly [whose]: string

  constructor(name: string) {
    this[whose] = name
    return guard(name, this)
  }
}

export class Guarded extends EventEmitter {
  constructor(name: string) {
    super()
    return guard(name, this)
  }
}

type Listener = Parameters<EventEmitter['on']>[1]

/** An emitter whose events are known: waiting for one that never comes fails, too. */
export class GuardedEmitter extends Guarded {
  readonly #name: string
  readonly #events: ReadonlySet<string>

  constructor(name: string, events: readonly string[]) {
    super(name)
    this.#name = name
    this.#events = new Set(events)
  }

  override on(event: string, listener: Listener): this {
    this.#check(event)
    return super.on(event, listener)
  }

  override addListener(event: string, listener: Listener): this {
    this.#check(event)
    return super.addListener(event, listener)
  }

  override once(event: string, listener: Listener): this {
    this.#check(event)
    return super.once(event, listener)
  }

  #check(event: string): void {
    if (!this.#events.has(event)) throw fault(`the stand-in never emits '${event}' of ${this.#name}`)
  }
}

/** An option that is not known would be passed over in silence. `known` is checked against electron.d.ts by its type. */
export function onlyKnown(what: string, given: object, known: readonly string[]): void {
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined && !known.includes(key))
      throw fault(`the stand-in does not know the option ${key} of ${what}`)
  }
}

/** Electron's own events, as listeners get them. */
export type Preventable<Fields extends object> = Fields & {
  preventDefault(): void
  readonly defaultPrevented: boolean
}

export function preventable<Fields extends object>(what: string, fields: Fields): Preventable<Fields> {
  let prevented = false
  const methods = {
    preventDefault: () => {
      prevented = true
    },
    get defaultPrevented() {
      return prevented
    },
  }
  // Defined rather than spread: a spread would read the getter once.
  const event = Object.defineProperties(
    { ...fields },
    Object.getOwnPropertyDescriptors(methods),
  ) as Preventable<Fields>
  return guard(what, event)
}

/** Where classes keep what only the stand-in itself may reach. */
export const inner = Symbol('inner')
