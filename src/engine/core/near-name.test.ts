import { expect, test } from 'vitest'
import { nearest } from './near-name.ts'

const NAMES = ['privateSyncFilePatterns', 'syncFilePatterns', 'contentRoot', 'conflictPolicy'] as const

test.each`
  written                         | near
  ${'privateSyncFilePattern'}     | ${'privateSyncFilePatterns'}
  ${'privateSyncFilesPatterns'}   | ${'privateSyncFilePatterns'}
  ${'private_sync_file_patterns'} | ${'privateSyncFilePatterns'}
  ${'syncfilepatterns'}           | ${'syncFilePatterns'}
  ${'snycFilePatterns'}           | ${'syncFilePatterns'}
  ${'contentroot'}                | ${'contentRoot'}
  ${'conflictPolicies'}           | ${'conflictPolicy'}
  ${'conflicts'}                  | ${null}
  ${'$schema'}                    | ${null}
  ${'other'}                      | ${null}
  ${''}                           | ${null}
`('"$written" is meant for $near', ({ written, near }) => {
  expect(nearest(written, NAMES)).toBe(near)
})
