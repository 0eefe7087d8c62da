/** Why the state of a folder cannot be used. `message` is for a person. */
export type StateStoreErrorCode =
  /** Another process has been writing for longer than anything of ours takes. */
  | 'busy'
  /** The state was written by a later version of Lockstep. */
  | 'newer'
  | 'closed'

export class StateStoreError extends Error {
  override readonly name = 'StateStoreError'
  readonly code: StateStoreErrorCode

  constructor(code: StateStoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
