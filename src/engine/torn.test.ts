import { expect, test } from 'vitest'
import type { BaseEntry, LocalEntry } from './core/entry.ts'
import { reconcilePath } from './core/reconcile.ts'
import { isTorn, tornBase } from './torn.ts'

const fingerprint = { size: 2_000, mtimeMs: 1_000.25, ctimeMs: 1_001, ino: 7 }
const base: BaseEntry = { digest: 'whole', size: 2_000, etag: 'e1', version: 1, fingerprint }
const remote = { etag: 'e1', version: 1, digest: null }

function local(some: Partial<LocalEntry['fingerprint']>, digest = 'torn'): LocalEntry {
  return { digest, fingerprint: { ...fingerprint, ...some } }
}

test.each`
  local                                              | torn     | what
  ${local({ size: 0, ctimeMs: 1_500 })}              | ${true}  | ${'emptied by a power cut'}
  ${local({ size: 512 })}                            | ${true}  | ${'cut short by a power cut'}
  ${local({ size: 0, mtimeMs: 2_000 })}              | ${false} | ${'emptied by a program'}
  ${local({ size: 0, ino: 8 })}                      | ${false} | ${'another file of that time'}
  ${local({ size: 2_001 })}                          | ${false} | ${'appended to, with the time put back'}
  ${local({ size: 2_000, ctimeMs: 1_500 }, 'whole')} | ${false} | ${'renamed and renamed back'}
`('R1 R9 torn=$torn: $what', ({ local: entry, torn }: { local: LocalEntry; torn: boolean }) => {
  expect(isTorn(base, entry)).toBe(torn)
})

test('R1 what a power cut has torn is pulled, and an edit is pushed', () => {
  const cut = local({ size: 0 })
  expect(reconcilePath(tornBase(base, cut), cut, remote)).toEqual({ kind: 'pull', reason: 'remote-edit' })
  expect(reconcilePath(base, local({ size: 0, mtimeMs: 2_000 }), remote)).toEqual({
    kind: 'push',
    reason: 'local-edit',
  })
})
