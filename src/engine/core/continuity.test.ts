import { describe, expect, test } from 'vitest'
import { continuityOf, type FilesBreak, WATCHED } from './continuity.ts'
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

function decide(
  base: string,
  doubt: FilesBreak | null,
  local: string | null,
  remote: string | null,
  foreign: readonly string[] = [],
) {
  const entry = baseOf(base, doubt)
  return reconcilePath(
    entry,
    localOf(local),
    remoteOf(remote),
    continuityOf(entry, () => foreign),
  )
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
  `('$doubt local=$local remote=$remote: $broken, not $watched', row => {
    const { doubt, local, remote } = row
    expect(decide('A1', null, local, remote)).toEqual(action(row.watched, row.reason))
    expect(decide('A1', doubt, local, remote)).toEqual(action(row.broken, row.because))
  })
})

describe('R4 after another database, app or user', () => {
  test.each`
    foreign  | local   | remote  | kind              | reason             | because
    ${'[]'}  | ${null} | ${'?1'} | ${'pull'}         | ${'local-lost'}    | ${'what is missing is fetched again'}
    ${'B'}   | ${null} | ${'?1'} | ${'pull'}         | ${'local-lost'}    | ${'what is missing is fetched again'}
    ${'B'}   | ${'B4'} | ${'?1'} | ${'pull'}         | ${'local-lost'}    | ${'what was agreed on there is no edit here'}
    ${'B'}   | ${'B9'} | ${'?2'} | ${'pull'}         | ${'local-lost'}    | ${'whenever it came'}
    ${'B'}   | ${'B4'} | ${null} | ${'delete-local'} | ${'remote-delete'} | ${'nor does it beat a delete'}
    ${'A'}   | ${'C9'} | ${'?1'} | ${'push'}         | ${'local-edit'}    | ${'an edit of what both had agreed on'}
    ${'[]'}  | ${'C9'} | ${'?1'} | ${'push'}         | ${'local-edit'}    | ${'nobody else had the file'}
    ${'B'}   | ${'C9'} | ${'A1'} | ${'conflict'}     | ${'both-new'}      | ${'an edit of what was agreed on there alone'}
    ${'B'}   | ${'C9'} | ${'D2'} | ${'conflict'}     | ${'both-new'}      | ${'an edit of what was agreed on there alone'}
    ${'B'}   | ${'A5'} | ${'?1'} | ${'none'}         | ${undefined}       | ${'equal is equal'}
  `('local=$local remote=$remote, elsewhere $foreign: $kind, for $because', row => {
    const foreign = row.foreign === '[]' ? [] : [row.foreign]
    expect(decide('A1', 'elsewhere', row.local, row.remote, foreign)).toEqual(action(row.kind, row.reason))
  })
})

function action(kind: string, reason: string | undefined): object {
  return reason === undefined ? { kind } : { kind, reason }
}

test('R4 without a base, and without a doubt in it, nothing is broken', () => {
  const foreign = (): string[] => expect.unreachable('asked though nothing is in doubt')
  expect(continuityOf(null, foreign)).toEqual(WATCHED)
  expect(continuityOf(baseOf('A1', null), foreign)).toEqual(WATCHED)
})
