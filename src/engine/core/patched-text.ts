/** A text put together from stretches of another one and pieces of its own. */
export class PatchedText {
  readonly #text: string
  readonly #parts: string[] = []
  /** Copied and not yet taken over: stretches that follow each other are one. */
  #start = 0
  #end = 0

  constructor(text: string) {
    this.#text = text
  }

  copy(start: number, end: number): void {
    if (start !== this.#end) {
      this.#take()
      this.#start = start
    }
    this.#end = end
  }

  add(...pieces: readonly string[]): void {
    this.#take()
    this.#parts.push(...pieces)
  }

  toString(): string {
    this.#take()
    return this.#parts.join('')
  }

  #take(): void {
    if (this.#end > this.#start) this.#parts.push(this.#text.slice(this.#start, this.#end))
    this.#start = this.#end
  }
}
