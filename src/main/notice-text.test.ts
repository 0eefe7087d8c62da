import { expect, test, vi } from 'vitest'
import type { Notice } from '../contract/state.ts'
import { noticeText } from './notice-text.ts'
import { OVERVIEW, type Place, placeHash } from './place.ts'

const notice: Notice = {
  kind: 'conflict',
  folderId: 'a/b c',
  folderName: 'mail-agent',
  count: 2,
  path: 'data/a.md',
  message: '2 files were changed on both sides.',
}

test('it says what and where, and leads there', () => {
  expect(noticeText(notice)).toEqual({
    title: 'Conflict – mail-agent',
    body: '2 files were changed on both sides.',
    place: { view: 'folder', id: 'a/b c', tab: 'conflicts' },
    key: 'conflict a/b c',
  })
  expect(noticeText({ ...notice, kind: 'hold' }).place).toMatchObject({ tab: 'hold' })
})

test('R12.7 no name in it misleads, whoever has put it there', () => {
  const { title, body } = noticeText({
    ...notice,
    folderName: 'a\u202egnp.exe',
    message: 'a\u200bb.md cannot be read. \u2068שלום\u2069 can.',
  })
  expect([title, body]).toEqual([
    String.raw`Conflict – a\u202egnp.exe`,
    String.raw`a\u200bb.md cannot be read. ` + '\u2068שלום\u2069 can.',
  ])
})

test('on Linux, where a body may have markup, a name is none', () => {
  const message =
    'a<img src="file:///x"/><a href="https://evil.example">R&D</a>.md was changed on both sides.'
  const shown = noticeText({ ...notice, message }, 'linux').body
  expect(shown).not.toMatch(/<|&(?!(?:amp|lt|gt);)/)
  const read = shown.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
  expect([read, noticeText({ ...notice, message }, 'darwin').body]).toEqual([message, message])
})

test('the end of a trouble takes its beginning’s place', () => {
  expect(noticeText({ ...notice, kind: 'recovery' }).key).toBe(noticeText({ ...notice, kind: 'error' }).key)
  expect(noticeText({ ...notice, kind: 'hold' }).key).not.toBe(noticeText(notice).key)
})

test('the page understands every place', async () => {
  const location = { hash: '' }
  vi.stubGlobal('location', location)
  vi.stubGlobal('addEventListener', () => {})
  const { followAddress, useRoute } = await import('../renderer/store/route.ts')
  const at = (place: Place) => {
    location.hash = placeHash(place)
    followAddress()
    return useRoute.getState().route
  }
  expect(at({ view: 'settings' })).toEqual({ view: 'settings' })
  expect(at(OVERVIEW)).toEqual({ view: 'overview' })
  for (const tab of ['files', 'conflicts', 'backend'] as const) {
    expect(at({ view: 'folder', id: 'a/b c', tab })).toMatchObject({ folder: 'a/b c', tab, hold: null })
  }
  expect(at({ view: 'folder', id: 'a/b c', tab: 'hold' })).toMatchObject({ folder: 'a/b c', hold: 'changes' })
  vi.unstubAllGlobals()
})
