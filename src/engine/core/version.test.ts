import { expect, test } from 'vitest'
import { isVersion, VERSION_LIMIT, versionAfter } from './version.ts'

const NOW = 1_800_000_000_000

test.each`
  version              | isOne
  ${NOW}               | ${true}
  ${0}                 | ${true}
  ${-5}                | ${true}
  ${VERSION_LIMIT - 1} | ${true}
  ${VERSION_LIMIT}     | ${false}
  ${2 ** 53 - 1}       | ${false}
  ${2 ** 53}           | ${false}
  ${1.5}               | ${false}
  ${Number.NaN}        | ${false}
  ${Infinity}          | ${false}
`('R4.12 $version is a version: $isOne', ({ version, isOne }) => {
  expect(isVersion(version)).toBe(isOne)
})

test.each`
  previous             | next
  ${0}                 | ${NOW}
  ${NOW - 1}           | ${NOW}
  ${NOW}               | ${NOW + 1}
  ${NOW + 1_000}       | ${NOW + 1_001}
  ${VERSION_LIMIT - 2} | ${VERSION_LIMIT - 1}
  ${VERSION_LIMIT - 1} | ${null}
`('R4.12 after $previous comes $next, which every reader accepts', ({ previous, next }) => {
  expect(versionAfter(previous, NOW)).toBe(next)
})
