/**
 * Writes what scripts/check.mjs shows of a test run, one JSON document a line: each failure and each
 * file's result as soon as it is known. Vitest's own JSON comes at the end, and leaves out why a test was skipped
 * (`context.skip('why')`) and what failed outside of any test.
 */
import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** @import { Reporter, TestCase, TestModule } from 'vitest/node' */
/** @typedef {{ name: string, reason: string }} Skipped */
/** @typedef {{ file: string, name: string, line: string, place: string | null }} Failure */
/** @typedef {{ file: string, passed: number, failed: number, skipped: Skipped[], ms: number }} FileResult */
/** @typedef {{ failure: Failure } | { result: FileResult }} Report */

/** @implements {Reporter} */
export default class ReportFile {
  /** @param {TestCase} test */
  onTestCaseResult(test) {
    const { state, errors } = test.result()
    if (state === 'failed') tellFailure(test.module.relativeModuleId, test.fullName, errors?.[0])
  }

  /** @param {TestModule} module */
  onTestModuleEnd(module) {
    tell({ result: resultOf(module) })
    const [error] = module.errors()
    // Such as a file that cannot be loaded, or a hook of all its tests.
    if (error !== undefined) tellFailure(module.relativeModuleId, '(the whole file)', error)
  }

  /**
   * @param {readonly TestModule[]} _
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(_, unhandledErrors) {
    for (const error of unhandledErrors) tellFailure('(outside of any test)', '', error)
  }
}

/** @param {Report} report */
function tell(report) {
  const file = process.env.LOCKSTEP_TEST_REPORT
  if (file === undefined) throw new Error('LOCKSTEP_TEST_REPORT does not name the file to write')
  appendFileSync(file, `${JSON.stringify(report)}\n`)
}

function tellFailure(file, name, error) {
  const message = stripVTControlCharacters(String(error?.message ?? error ?? 'no reason given'))
  const line = message.split('\n').find(text => text.trim() !== '') ?? ''
  const [frame] = error?.stacks ?? []
  const place = frame === undefined ? null : `${relative(process.cwd(), frame.file)}:${frame.line}`
  tell({ failure: { file, name, line, place } })
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
