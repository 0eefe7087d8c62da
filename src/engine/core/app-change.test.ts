import { expect, test } from 'vitest'
import { appChangeOf } from './app-change.ts'

const scopes = (text: string) =>
  text.split(' ').flatMap(each => {
    const [database = '', appId = ''] = each.split('/')
    return each === '' ? [] : [{ database, appId }]
  })

test.each`
  watched            | now                | from     | because
  ${''}              | ${'db/new'}        | ${null}  | ${'nothing was in step yet'}
  ${'db/app'}        | ${'db/app'}        | ${null}  | ${'it is the same'}
  ${'db/app db/app'} | ${'db/app'}        | ${null}  | ${'a channel less changes nothing'}
  ${'db/app'}        | ${'db/app db/app'} | ${null}  | ${'nor does one more'}
  ${'db/app'}        | ${'db/new'}        | ${'app'} | ${'it has another name'}
  ${'db/app db/app'} | ${'db/new db/new'} | ${'app'} | ${'in both channels'}
  ${'db/app'}        | ${'other/new'}     | ${null}  | ${'another database begins anew'}
  ${'db/app'}        | ${''}              | ${null}  | ${'no channel runs'}
`('R4.11 from $watched to $now: $because', ({ watched, now, from }) => {
  expect(appChangeOf(scopes(watched), scopes(now))?.from ?? null).toBe(from)
})
