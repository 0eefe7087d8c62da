import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Many tests wait for processes and timers, so two at a time suit also two cores.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    passWithNoTests: false,
    restoreMocks: true,
    env: {
      // Plain Node's `import 'electron'` would download the binary. No test may reach that point.
      ELECTRON_OVERRIDE_DIST_PATH: '/nonexistent',
      DO_NOT_TRACK: '1',
      TZ: 'UTC',
    },
  },
})
