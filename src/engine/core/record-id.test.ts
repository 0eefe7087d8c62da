import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nameFault, pathOfId, recordId, SHARED_OWNER } from './record-id.ts'

const shared = { appId: 'app', ownerId: SHARED_OWNER }
const ann = { appId: 'app', ownerId: 'ann' }

test('R15 an id names app and path, and the user where it is private', () => {
  expect(recordId(shared, 'data/a.md')).toBe('app:data/a.md')
  expect(recordId(ann, 'data/a.md')).toBe('app@ann:data/a.md')
})

test('F11 private files of two users of one path have two ids', () => {
  expect(recordId(ann, 'data/a.md')).not.toBe(recordId({ appId: 'app', ownerId: 'bob' }, 'data/a.md'))
})

test.each([
  ['app2:data/a.md', shared],
  ['app@ann:data/a.md', shared],
  ['app:data/a.md', ann],
  ['app@bob:data/a.md', ann],
  ['app__data__a.md', shared],
  ['app:', shared],
  ['', shared],
])('F12 %j is no id of %o', (id, scope) => {
  expect(pathOfId(scope, id)).toBeNull()
})

test('a path comes back from its own scope, and from no other', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/)
  const scope = fc.record({ appId: name, ownerId: fc.oneof(fc.constant(SHARED_OWNER), name) })
  fc.assert(
    fc.property(scope, scope, fc.string({ minLength: 1 }), (mine, other, path) => {
      const id = recordId(mine, path)
      expect(pathOfId(mine, id)).toBe(path)
      const same = mine.appId === other.appId && mine.ownerId === other.ownerId
      expect(pathOfId(other, id)).toBe(same ? path : null)
    }),
  )
})

describe('names', () => {
  test.each(['a', 'my-app_2', 'A', '-', '0'])('%j is good', name => {
    expect(nameFault('app', name)).toBeNull()
    expect(nameFault('user', name)).toBeNull()
  })

  test.each([
    ['my app', 'FILE_SYNC_APP_ID=my-app.'],
    ['Zoë’s notes', 'FILE_SYNC_APP_ID=Zoe-s-notes.'],
    ['a:b', 'FILE_SYNC_APP_ID=a-b.'],
    ['a@b', 'FILE_SYNC_APP_ID=a-b.'],
    ['日本', 'FILE_SYNC_APP_ID=my-app.'],
    ['', 'FILE_SYNC_APP_ID=my-app.'],
  ])('%j is refused with a good one', (name, advice) => {
    expect(nameFault('app', name)).toContain(advice)
  })

  test('every suggested name is good', () => {
    let refused = 0
    fc.assert(
      fc.property(
        fc.constantFrom('app' as const, 'user' as const),
        fc.string({ unit: fc.constantFrom(...Array.from('shared aZ0_-@:/.ä日ｓ😀')) }),
        (kind, name) => {
          const fault = nameFault(kind, name)
          if (fault === null) return
          refused++
          expect(nameFault(kind, /=(\S+)\.$/.exec(fault)?.[1] ?? '')).toBeNull()
        },
      ),
    )
    expect(refused).toBeGreaterThan(20)
  })

  test('R15 a user may not be called as the shared owner', () => {
    expect(nameFault('user', 'shared')).toContain('FILE_SYNC_USER_ID=my-user')
    expect(nameFault('user', 'Shared')).not.toBeNull()
    expect(nameFault('user', '\uff53hared')).toContain('FILE_SYNC_USER_ID=my-user')
    expect(nameFault('app', 'shared')).toBeNull()
  })
})
