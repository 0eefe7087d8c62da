/** A state store on a disk that is full for a while: commits fail, and what was read before stays as it is. */
import type { StateStore } from '../../src/engine/ports/state-store.ts'

export class DiskFullError extends Error {
  override readonly name = 'SqliteError'
  readonly code = 'SQLITE_FULL'

  constructor() {
    super('database or disk is full')
  }
}

/** `fails` is asked before each commit. */
export function failingStateStore(state: StateStore, fails: () => boolean): StateStore {
  return new Proxy(state, {
    get(target, name) {
      if (name === 'commit' || name === 'pruneHistory')
        return async (...args: unknown[]) => {
          if (fails()) throw new DiskFullError()
          return (Reflect.get(target, name) as (...args: unknown[]) => unknown).apply(target, args)
        }
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}
