/**
 * Whether another process answers (pure). Each beat asks; after a few that were not answered it counts as silent. Beats
 * are counted and not times, so that a machine that has slept finds nobody silent.
 */
const MISSED = 2

export class Pulse {
  #waiting = 0

  /** To be called when it is asked. True where it has become silent just now. */
  beat(): boolean {
    this.#waiting += 1
    return this.#waiting === MISSED + 1
  }

  /** It has answered. True where it was silent before. */
  answer(): boolean {
    const wasSilent = this.#waiting > MISSED
    this.#waiting = 0
    return wasSilent
  }
}
