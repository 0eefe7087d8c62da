import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allPaths, isChanged } from './diff.ts'
import type { Trees } from './diff.ts'
import type { BaseEntry, LocalEntry, RemoteEntry } from './entry.ts'
import { reconcilePath } from './reconcile.ts'

const fingerprint = { size: 1, mtimeMs: 1, ctimeMs: 1, ino: 1 }

function local(digest: string): LocalEntry {
  return { digest, fingerprint }
}

function remote(etag: string, digest: string | null = null): RemoteEntry {
  return { etag, version: 1, digest }
}

function base(digest: string, etag: string): BaseEntry {
  return { digest, size: 1, etag, version: 1, fingerprint: null }
}

function trees(sides: readonly [BaseEntry | null, LocalEntry | null, RemoteEntry | null]): Trees {
  const only = <Entry>(entry: Entry | null): Map<string, Entry> =>
    new Map(entry === null ? [] : [['p', entry]])
  return { base: only(sides[0]), local: only(sides[1]), remote: only(sides[2]) }
}

describe('R3 R4 a path is looked at exactly where a side differs from the base', () => {
  test.each`
    case                       | base              | local         | remote         | changed
    ${'nothing anywhere'}      | ${null}           | ${null}       | ${null}        | ${false}
    ${'in step'}               | ${base('A', '1')} | ${local('A')} | ${remote('1')} | ${false}
    ${'new here'}              | ${null}           | ${local('A')} | ${null}        | ${true}
    ${'new there'}             | ${null}           | ${null}       | ${remote('1')} | ${true}
    ${'new on both sides'}     | ${null}           | ${local('A')} | ${remote('1')} | ${true}
    ${'edited here'}           | ${base('A', '1')} | ${local('B')} | ${remote('1')} | ${true}
    ${'written there'}         | ${base('A', '1')} | ${local('A')} | ${remote('2')} | ${true}
    ${'deleted here'}          | ${base('A', '1')} | ${null}       | ${remote('1')} | ${true}
    ${'deleted there'}         | ${base('A', '1')} | ${local('A')} | ${null}        | ${true}
    ${'deleted on both sides'} | ${base('A', '1')} | ${null}       | ${null}        | ${true}
  `('$case: $changed', ({ base, local, remote, changed }) => {
    expect(isChanged(trees([base, local, remote]), 'p')).toBe(changed)
  })
})

test('F15 two writes in one millisecond are told apart by their etags', () => {
  expect(isChanged(trees([base('A', '1:1'), local('A'), remote('1:2')]), 'p')).toBe(true)
})

test('R2 whatever needs an action is looked at', () => {
  const digest = fc.constantFrom('A', 'B')
  const etag = fc.constantFrom('1', '2')
  const sides = fc.tuple(
    fc.option(fc.tuple(digest, etag).map(([d, e]) => base(d, e))),
    fc.option(digest.map(local)),
    fc.option(fc.tuple(etag, fc.option(digest)).map(([e, d]) => remote(e, d))),
  )
  let quiet = 0
  fc.assert(
    fc.property(sides, entries => {
      const changed = isChanged(trees(entries), 'p')
      const action = reconcilePath(...entries)
      if (!changed) {
        quiet++
        expect(action.kind).toBe('none')
      }
    }),
    { numRuns: 1000 },
  )
  expect(quiet).toBeGreaterThan(20)
})

test('R2 every path of any tree is asked once', () => {
  const of = <Entry>(entry: Entry, ...paths: string[]): Map<string, Entry> =>
    new Map(paths.map(path => [path, entry]))
  const paths = [
    ...allPaths({
      base: of(base('A', '1'), 'all', 'base', 'base and remote'),
      local: of(local('A'), 'all', 'local'),
      remote: of(remote('1'), 'all', 'base and remote', 'remote'),
    }),
  ]
  expect(paths.toSorted()).toEqual(['all', 'base', 'base and remote', 'local', 'remote'])
})
