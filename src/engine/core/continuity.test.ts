import { describe, expect, test } from 'vitest'
import { type FilesBreak, graver } from './breaks.ts'
import { continuityOf, type Evidence, isSameFileTime, WATCHED } from './continuity.ts'
import type { BaseEntry, LocalEntry, RemoteEntry } from './entry.ts'
import { reconcilePath } from './reconcile.ts'

/** When the base's file was written; a digit after a local content is when that was, as `B1`. */
const WRITTEN = 5
const file = (mtimeMs: number) => ({ size: 1, mtimeMs, ctimeMs: mtimeMs, ino: 1 })

function baseOf(side: string, doubt: FilesBreak | null): BaseEntry {
  const entry = { digest: side[0]!, size: 1, etag: side.slice(1), version: 1, fingerprint: file(WRITTEN) }
  return doubt === null ? entry : { ...entry, doubt }
}

function localOf(side: string | null): LocalEntry | null {
  return side === null ? null : { digest: side[0]!, fingerprint: file(Number(side.slice(1))) }
}

function remoteOf(side: string | null): RemoteEntry | null {
  return side === null ? null : { digest: side[0] === '?' ? null : side[0]!, etag: side.slice(1), version: 1 }
}

/** Etags are numbers in a log unless a case says that there is none. */
const LOG: Evidence = {
  foreign: () => [],
  orderOf: etag => Number(etag),
  isAway: false,
  isBeneath: false,
  isOldCopy: () => false,
  isForgotten: false,
  hadContent: () => false,
}

function decide(
  base: string,
  doubt: FilesBreak | null,
  local: string | null,
  remote: string | null,
  evidence: Partial<Evidence> = {},
) {
  const entry = baseOf(base, doubt)
  const record = remoteOf(remote)
  const file = localOf(local)
  const continuity = continuityOf(entry, file, record, { ...LOG, ...evidence })
  return reconcilePath(entry, file, record, continuity)
}

describe('R4 what a broken watch changes, beside the same without the break', () => {
  test.each`
    doubt            | local   | remote  | watched            | reason                 | broken            | because
    ${'not-flushed'} | ${null} | ${'?1'} | ${'delete-remote'} | ${'local-delete'}      | ${'pull'}         | ${'local-lost'}
    ${'not-flushed'} | ${null} | ${'?2'} | ${'compare'}       | ${undefined}           | ${'pull'}         | ${'local-lost'}
    ${'not-flushed'} | ${null} | ${'B2'} | ${'pull'}          | ${'edit-beats-delete'} | ${'pull'}         | ${'local-lost'}
    ${'not-flushed'} | ${null} | ${null} | ${'forget'}        | ${undefined}           | ${'forget'}       | ${undefined}
    ${'not-flushed'} | ${'A5'} | ${'?1'} | ${'none'}          | ${undefined}           | ${'none'}         | ${undefined}
    ${'not-flushed'} | ${'A5'} | ${'B2'} | ${'pull'}          | ${'remote-edit'}       | ${'pull'}         | ${'remote-edit'}
    ${'not-flushed'} | ${'A5'} | ${null} | ${'delete-local'}  | ${'remote-delete'}     | ${'delete-local'} | ${'remote-delete'}
    ${'not-flushed'} | ${'B4'} | ${'?1'} | ${'push'}          | ${'local-edit'}        | ${'pull'}         | ${'local-lost'}
    ${'not-flushed'} | ${'B5'} | ${'?1'} | ${'push'}          | ${'local-edit'}        | ${'pull'}         | ${'local-lost'}
    ${'not-flushed'} | ${'B4'} | ${'C2'} | ${'conflict'}      | ${'both-changed'}      | ${'pull'}         | ${'local-lost'}
    ${'not-flushed'} | ${'B4'} | ${'B2'} | ${'adopt'}         | ${undefined}           | ${'adopt'}        | ${undefined}
    ${'not-flushed'} | ${'B4'} | ${null} | ${'push'}          | ${'edit-beats-delete'} | ${'delete-local'} | ${'remote-delete'}
    ${'not-flushed'} | ${'B6'} | ${'?1'} | ${'push'}          | ${'local-edit'}        | ${'push'}         | ${'local-edit'}
    ${'not-flushed'} | ${'B6'} | ${'C2'} | ${'conflict'}      | ${'both-changed'}      | ${'conflict'}     | ${'both-changed'}
    ${'not-flushed'} | ${'B6'} | ${null} | ${'push'}          | ${'edit-beats-delete'} | ${'push'}         | ${'edit-beats-delete'}
    ${'unwatched'}   | ${null} | ${'?1'} | ${'delete-remote'} | ${'local-delete'}      | ${'pull'}         | ${'local-lost'}
    ${'unwatched'}   | ${'B4'} | ${'?1'} | ${'push'}          | ${'local-edit'}        | ${'push'}         | ${'local-edit'}
    ${'unwatched'}   | ${'B4'} | ${'C2'} | ${'conflict'}      | ${'both-changed'}      | ${'conflict'}     | ${'both-changed'}
    ${'unwatched'}   | ${'A5'} | ${null} | ${'delete-local'}  | ${'remote-delete'}     | ${'delete-local'} | ${'remote-delete'}
    ${'state-older'} | ${null} | ${'?1'} | ${'delete-remote'} | ${'local-delete'}      | ${'pull'}         | ${'local-lost'}
    ${'state-older'} | ${null} | ${'B2'} | ${'pull'}          | ${'edit-beats-delete'} | ${'pull'}         | ${'local-lost'}
    ${'state-older'} | ${'B4'} | ${'?1'} | ${'push'}          | ${'local-edit'}        | ${'push'}         | ${'local-edit'}
  `('$doubt local=$local remote=$remote: $broken, not $watched', row => {
    const { doubt, local, remote } = row
    expect(decide('A1', null, local, remote)).toEqual(action(row.watched, row.reason))
    expect(decide('A1', doubt, local, remote)).toEqual(action(row.broken, row.because))
  })
})

test.each`
  known               | next             | stays
  ${undefined}        | ${'unwatched'}   | ${'unwatched'}
  ${'not-flushed'}    | ${'unwatched'}   | ${'not-flushed'}
  ${'unwatched'}      | ${'elsewhere'}   | ${'elsewhere'}
  ${'state-older'}    | ${'elsewhere'}   | ${'elsewhere'}
  ${'root-exchanged'} | ${'elsewhere'}   | ${'root-exchanged'}
  ${'elsewhere'}      | ${'state-older'} | ${'elsewhere'}
`('R4 of $known and $next stays $stays', ({ known, next, stays }) => {
  expect(graver(known, next)).toBe(stays)
})

test.each`
  mtimeMs | ctimeMs | kind      | which
  ${6}    | ${6}    | ${'push'} | ${'an edit'}
  ${6}    | ${5}    | ${'pull'} | ${'what lay there before an older file was moved over it'}
  ${4}    | ${6}    | ${'pull'} | ${'an older file whose rights were set'}
`('R4.6 not flushed, written at $mtimeMs and changed at $ctimeMs: $which', ({ mtimeMs, ctimeMs, kind }) => {
  const local = { digest: 'B', fingerprint: { ...file(mtimeMs), ctimeMs } }
  const base = baseOf('A1', 'not-flushed')
  const decided = reconcilePath(base, local, remoteOf('?1'), continuityOf(base, local, remoteOf('?1'), LOG))
  expect(decided.kind).toBe(kind)
})

describe('R4 after another database, app or user, or in the other channel', () => {
  test.each`
    foreign | local   | remote  | kind              | reason             | because
    ${'[]'} | ${null} | ${'?1'} | ${'pull'}         | ${'local-lost'}    | ${'what is missing is fetched again'}
    ${'B'}  | ${null} | ${'?1'} | ${'pull'}         | ${'local-lost'}    | ${'what is missing is fetched again'}
    ${'B'}  | ${'B4'} | ${'?1'} | ${'pull'}         | ${'local-lost'}    | ${'what was agreed on there is no edit here'}
    ${'B'}  | ${'B9'} | ${'?2'} | ${'pull'}         | ${'local-lost'}    | ${'whenever it came'}
    ${'B'}  | ${'B4'} | ${null} | ${'delete-local'} | ${'remote-delete'} | ${'nor does it beat a delete'}
    ${'A'}  | ${'C9'} | ${'?1'} | ${'push'}         | ${'local-edit'}    | ${'an edit of what both had agreed on'}
    ${'[]'} | ${'C9'} | ${'?1'} | ${'push'}         | ${'local-edit'}    | ${'nobody else had the file'}
    ${'B'}  | ${'C9'} | ${'A1'} | ${'conflict'}     | ${'both-new'}      | ${'an edit of what was agreed on there alone'}
    ${'B'}  | ${'C9'} | ${'D2'} | ${'conflict'}     | ${'both-new'}      | ${'an edit of what was agreed on there alone'}
    ${'B'}  | ${'A5'} | ${'?1'} | ${'none'}         | ${undefined}       | ${'equal is equal'}
  `('local=$local remote=$remote, elsewhere $foreign: $kind, for $because', row => {
    const foreign = row.foreign === '[]' ? [] : [row.foreign]
    const decided = decide('A1', 'elsewhere', row.local, row.remote, { foreign: () => foreign })
    expect(decided).toEqual(action(row.kind, row.reason))
  })
})

describe('R4 R8 records of a database that was put back from a copy', () => {
  test.each`
    local   | remote  | kind               | reason            | held
    ${'A5'} | ${'?3'} | ${'compare'}       | ${undefined}      | ${false}
    ${'A5'} | ${'B3'} | ${'pull'}          | ${'remote-edit'}  | ${true}
    ${'B9'} | ${'C3'} | ${'pull'}          | ${'remote-edit'}  | ${true}
    ${'B9'} | ${'B3'} | ${'adopt'}         | ${undefined}      | ${false}
    ${null} | ${'B3'} | ${'delete-remote'} | ${'local-delete'} | ${true}
    ${'A5'} | ${'B5'} | ${'pull'}          | ${'remote-edit'}  | ${false}
    ${'B9'} | ${'A5'} | ${'push'}          | ${'local-edit'}   | ${false}
  `('local=$local remote=$remote: $kind, held: $held', row => {
    expect(decide('A4', null, row.local, row.remote)).toEqual({
      ...action(row.kind, row.reason),
      ...(row.held === true ? { doubt: 'database-older' } : {}),
    })
  })

  test('what it lacks is held, and what is edited here goes on', () => {
    const decided = (local: string | null) => decide('A4', null, local, null, { isForgotten: true })
    expect(decided('A5')).toEqual({ ...action('delete-local', 'remote-delete'), doubt: 'database-older' })
    expect(decided('B9')).toEqual(action('push', 'edit-beats-delete'))
    expect(decided(null)).toEqual(action('forget', undefined))
  })

  test("a later number is an edit, unless the number of what was agreed on is another record's by now", () => {
    const decided = (isForgotten: boolean) => decide('A4', null, 'A5', 'B9', { isForgotten })
    expect(decided(false)).toEqual(action('pull', 'remote-edit'))
    expect(decided(true)).toEqual({ ...action('pull', 'remote-edit'), doubt: 'database-older' })
  })

  test('without a log it is a lower version with a content that the path had; any other is an edit', () => {
    const noLog = { orderOf: () => null, hadContent: (digest: string) => digest === 'B' }
    const entry = { ...baseOf('A4', null), version: 9 }
    const decided = (content: string | null, version: number) => {
      const record = { digest: content, etag: 'other', version }
      const continuity = continuityOf(entry, localOf('A5'), record, { ...LOG, ...noLog })
      return reconcilePath(entry, localOf('A5'), record, continuity)
    }
    expect(decided(null, 8)).toEqual({ kind: 'compare' })
    expect(decided('B', 8)).toEqual({ ...action('pull', 'remote-edit'), doubt: 'database-older' })
    expect(decided('C', 8)).toEqual(action('pull', 'remote-edit'))
    expect(decided('B', 10)).toEqual(action('pull', 'remote-edit'))
  })
})

describe('R4 R8 files that were put back from a copy, or lie under another root', () => {
  test.each`
    local   | remote  | kind               | reason                 | held
    ${'B4'} | ${'?1'} | ${'push'}          | ${'local-edit'}        | ${true}
    ${'B4'} | ${'?2'} | ${'compare'}       | ${undefined}           | ${false}
    ${'B4'} | ${'C2'} | ${'push'}          | ${'local-edit'}        | ${true}
    ${'B4'} | ${'B2'} | ${'adopt'}         | ${undefined}           | ${false}
    ${'B4'} | ${null} | ${'push'}          | ${'edit-beats-delete'} | ${false}
    ${'A5'} | ${'C2'} | ${'pull'}          | ${'remote-edit'}       | ${false}
    ${null} | ${'?1'} | ${'delete-remote'} | ${'local-delete'}      | ${true}
    ${null} | ${'?2'} | ${'compare'}       | ${undefined}           | ${false}
    ${null} | ${'A2'} | ${'delete-remote'} | ${'local-delete'}      | ${true}
    ${null} | ${'B2'} | ${'pull'}          | ${'edit-beats-delete'} | ${false}
  `('local=$local remote=$remote: $kind, held: $held', ({ local, remote, kind, reason, held }) => {
    const expected = (doubt: string) => ({ ...action(kind, reason), ...(held === true ? { doubt } : {}) })
    expect(decide('A1', 'root-exchanged', local, remote)).toEqual(expected('root-exchanged'))
    // That a file is missing says nothing of its time.
    if (local === null) return
    const isOldCopy = local !== 'A5'
    expect(decide('A1', null, local, remote, { isOldCopy: () => isOldCopy })).toEqual(expected('file-older'))
  })

  test.each`
    local   | remote  | kind              | reason             | held
    ${null} | ${'?1'} | ${'pull'}         | ${'local-lost'}    | ${false}
    ${null} | ${null} | ${'forget'}       | ${undefined}       | ${false}
    ${'B4'} | ${'?1'} | ${'push'}         | ${'local-edit'}    | ${true}
    ${'B9'} | ${'C2'} | ${'push'}         | ${'local-edit'}    | ${true}
    ${'B4'} | ${'B2'} | ${'adopt'}        | ${undefined}       | ${false}
    ${'A5'} | ${'C2'} | ${'pull'}         | ${'remote-edit'}   | ${false}
    ${'A5'} | ${null} | ${'delete-local'} | ${'remote-delete'} | ${false}
  `(
    'R8.17 beneath a drive that is back, local=$local remote=$remote: $kind, held: $held',
    ({ local, remote, kind, reason, held }) => {
      const doubt = held === true ? { doubt: 'file-older' } : {}
      const decided = (isBeneath: boolean) => decide('A1', 'beneath-mount', local, remote, { isBeneath })
      expect(decided(false)).toEqual({ ...action(kind, reason), ...doubt })
      // For as long as it is away, what lies in its folder is watched like any other.
      expect(decided(true)).toEqual(decide('A1', null, local, remote))
    },
  )

  test.each(['unwatched', 'elsewhere', 'state-older'] as const)(
    'an older copy waits also where the path was %s in between, unless it was agreed on there',
    doubt => {
      const decided = (foreign: readonly string[]) =>
        decide('A1', doubt, 'B4', '?1', { isOldCopy: () => true, foreign: () => foreign })
      expect(decided([])).toEqual({ ...action('push', 'local-edit'), doubt: 'file-older' })
      if (doubt === 'elsewhere') expect(decided(['B'])).toEqual(action('pull', 'local-lost'))
    },
  )

  test('what was written after the file of the base is no older copy: it was put aside, and never replaced', () => {
    const decided = decide('A1', null, 'B6', '?1', { isOldCopy: () => true })
    expect(decided).toEqual(action('push', 'local-edit'))
  })

  test('where the tick of the base’s file was not over, a time that was set tells the older copy', () => {
    const base = { ...baseOf('A1', null), fingerprint: null }
    const breakOf = (changedMs: number) => {
      const { fingerprint, ...local } = localOf('B4')!
      const file = { ...local, fingerprint: { ...fingerprint, mtimeMs: 4_000, ctimeMs: changedMs } }
      return continuityOf(base, file, remoteOf('?1'), { ...LOG, isOldCopy: () => true }).files
    }
    expect([breakOf(60_000), breakOf(4_000), breakOf(6_000)]).toEqual(['file-older', null, null])
  })

  test.each`
    kept                   | now                    | same     | which
    ${1_700_000_000_123.4} | ${1_700_000_000_123.4} | ${true}  | ${'cp -a'}
    ${1_700_000_000_123.4} | ${1_700_000_000_123}   | ${true}  | ${'a program that keeps milliseconds'}
    ${1_700_000_000_123.4} | ${1_700_000_000_000}   | ${true}  | ${'an archive that keeps seconds'}
    ${1_700_000_000_123.4} | ${1_699_999_999_000}   | ${false} | ${'another second'}
    ${1_700_000_000_000}   | ${1_700_000_000_900}   | ${false} | ${'an edit within the second'}
  `('$which: $same', ({ kept, now, same }) => {
    expect(isSameFileTime(kept, now)).toBe(same)
  })
})

function action(kind: string, reason: string | undefined): object {
  return reason === undefined ? { kind } : { kind, reason }
}

test('R4 without a base, and without a doubt in it, nothing is broken', () => {
  const evidence = { ...LOG, foreign: () => expect.unreachable('asked though nothing is in doubt') }
  expect(continuityOf(null, localOf('B5'), remoteOf('A1'), evidence)).toEqual(WATCHED)
  expect(continuityOf(baseOf('A1', null), localOf('B5'), remoteOf('A2'), evidence)).toEqual(WATCHED)
})
