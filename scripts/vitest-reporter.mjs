/**
 * Writes what scripts/check.mjs shows of a test run. Vitest's own JSON leaves out why a test was
 * skipped (`context.skip('why')`), and what failed outside of any test.
 */
import { writeFileSync } from 'node:fs'

/** @import { Reporter, TestModule } from 'vitest/node' */
/** @typedef {{ name: string, reason: string }} Skipped */
/** @typedef {{ file: string, passed: number, failed: number, skipped: Skipped[], ms: number }} FileResult */

/** @implements {Reporter} */
export default class ResultsFile {
  /**
   * @param {readonly TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.LOCKSTEP_TEST_RESULTS
    if (file === undefined) throw new Error('LOCKSTEP_TEST_RESULTS does not name the file to write')
    writeFileSync(file, JSON.stringify({ files: modules.map(resultOf), unhandled: unhandledErrors.length }))
  }
}

/**
 * @param {TestModule} module
 * @returns {FileResult}
 */
function resultOf(module) {
  const tests = [...module.children.allTests()]
  const inState = state => tests.filter(test => test.result().state === state)
  const failed = inState('failed').length
  // Neither passed nor skipped and yet not failed: the run ended before it.
  const unfinished = inState('pending').length
  return {
    file: module.relativeModuleId,
    passed: inState('passed').length,
    failed: failed + unfinished || (module.state() === 'failed' ? 1 : 0),
    skipped: inState('skipped').map(test => ({ name: test.fullName, reason: reasonOf(test) })),
    ms: module.diagnostic().duration,
  }
}

function reasonOf(test) {
  return test.result().note ?? (test.options.mode === 'todo' ? 'still to be written' : 'no reason given')
}
