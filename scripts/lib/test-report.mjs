/** What scripts/vitest-reporter.mjs has told of a run so far; each failure is passed on when it is first seen. */
import { readFileSync } from 'node:fs'

/** @import { FileResult, Report } from '../vitest-reporter.mjs' */

export class TestReport {
  /** @type {FileResult[]} */
  results = []
  failures = 0
  #file
  #onFailure
  #lines = 0

  /**
   * @param {string} file
   * @param {(what: string, line: string) => void} onFailure
   */
  constructor(file, onFailure) {
    this.#file = file
    this.#onFailure = onFailure
  }

  look() {
    const lines = this.#text().split('\n').slice(0, -1)
    for (const line of lines.slice(this.#lines)) this.#take(JSON.parse(line))
    this.#lines = lines.length
  }

  fail(what, line) {
    this.failures += 1
    this.#onFailure(what, line)
  }

  #text() {
    try {
      return readFileSync(this.#file, 'utf8')
    } catch {
      // Nothing has been told yet.
      return ''
    }
  }

  /** @param {Report} report */
  #take(report) {
    if ('result' in report) {
      this.results.push(report.result)
      return
    }
    const { file, name, line, place } = report.failure
    this.fail(`${file} > ${name}`, place === null ? line : `${line} (${place})`)
  }
}
