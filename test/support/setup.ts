/** For every test file: a test that is tried again until it passes, or that is given less time than a hang takes, is no check. */
import { beforeEach } from 'vitest'
import { PATIENCE_MS } from './until.ts'

beforeEach(({ task }) => {
  if (task.retry !== undefined && task.retry !== 0)
    throw new Error('a test is not tried again until it passes')
  if (task.timeout <= PATIENCE_MS)
    throw new Error(`a limit of ${task.timeout} ms ends slow tests, too; leave it to vitest.config.ts`)
})
