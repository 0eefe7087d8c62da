import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/sequencer.ts'

const HANG_MS = 1_800_000

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Many tests wait for processes and timers: two files for each processor keep it busy.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // Nothing but a hang reaches it: what a test waits for has a limit and a message of its own (test/support/until.ts).
    testTimeout: HANG_MS,
    hookTimeout: HANG_MS,
    globalSetup: ['test/support/shared-chromium.ts'],
    setupFiles: ['test/support/setup.ts'],
    passWithNoTests: false,
    restoreMocks: true,
    // Adapters of a user's own are loaded by Node itself, which is what looks at them as they are loaded.
    server: { deps: { external: [/\/lockstep-(?:custom|trust)-/] } },
    env: {
      // Plain Node's `import 'electron'` would download the binary. No test may reach that point.
      ELECTRON_OVERRIDE_DIST_PATH: '/nonexistent',
      DO_NOT_TRACK: '1',
      TZ: 'UTC',
    },
  },
})
