/** The desktop's shell for a host in another process: each question goes to the main process and waits for its answer. */
import type { Shell } from '../contract/shell.ts'
import { refused } from '../host/app/errors.ts'
import type { ShellPort } from '../host/app/shell-port.ts'
import type { FromHost, ShellAnswer, ShellQuestion } from './protocol.ts'

export class RemoteShell implements ShellPort {
  info: Shell
  readonly #send: (message: FromHost) => void
  readonly #waiting = new Map<number, (answer: ShellAnswer) => void>()
  #lastId = 0

  constructor(info: Shell, send: (message: FromHost) => void) {
    this.info = info
    this.#send = send
  }

  take(id: number, answer: ShellAnswer): void {
    this.#waiting.get(id)?.(answer)
    this.#waiting.delete(id)
  }

  pickFolder(): Promise<string | null> {
    return this.#ask({ call: 'pickFolder' })
  }
  async open(path: string): Promise<void> {
    await this.#ask({ call: 'open', path })
  }
  async reveal(path: string): Promise<void> {
    await this.#ask({ call: 'reveal', path })
  }
  async openExternal(url: string): Promise<void> {
    await this.#ask({ call: 'openExternal', url })
  }
  async setStartAtLogin(isOn: boolean): Promise<void> {
    await this.#ask({ call: 'setStartAtLogin', isOn })
  }

  async #ask(question: ShellQuestion): Promise<string | null> {
    this.#lastId += 1
    const id = this.#lastId
    const answer = await new Promise<ShellAnswer>(resolve => {
      this.#waiting.set(id, resolve)
      this.#send({ type: 'ask', id, question })
    })
    if ('failure' in answer) throw refused('shell', answer.failure)
    return answer.picked
  }
}
