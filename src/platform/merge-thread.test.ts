import { execFile } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { MergeFile } from '../engine/core/merge.ts'
import { mergeFile } from '../engine/core/merge.ts'
import { MergeThread, mergeThread } from './merge-thread.ts'

const SMALL: MergeFile = {
  path: 'a.json',
  base: '{"a":1,"b":1}',
  local: '{"a":2,"b":1}',
  remote: '{"a":1,"b":2}',
}

/** Some hundred kilobytes each. */
function large(): MergeFile {
  const text = (field: string, value: number): string =>
    JSON.stringify(
      Array.from({ length: 8_000 }, (_, id) => ({ id, a: 0, b: 0, tags: ['x', 'y'], [field]: value })),
    )
  return { path: 'a.json', base: text('a', 0), local: text('a', 1), remote: text('b', 2) }
}

describe('R5 merges in a thread', () => {
  test.each<[string, MergeFile]>([
    ['by structure', SMALL],
    ['by lines', { path: 'a.txt', base: 'a\nb\nc\n', local: 'A\nb\nc\n', remote: 'a\nb\nC\n' }],
    ['by a policy', { path: 'a.txt', base: 'a\n', local: 'a\nb\n', remote: 'a\nc\n', policy: 'union' }],
    ['in conflict', { ...SMALL, remote: '{"a":3,"b":2}' }],
  ])('%s, with the same answer', async (_, file) => {
    expect(await mergeThread.merge(file)).toEqual(mergeFile(file))
  })

  test('R6 with choices, also one that is refused', async () => {
    const file = { ...SMALL, remote: '{"a":3,"b":2}' }
    expect(await mergeThread.resolve(file, new Map([['a', 'remote']]))).toEqual({
      kind: 'merged',
      text: '{"a":3,"b":2}',
    })
    expect(await mergeThread.resolve(file, new Map([['c', 'remote']]))).toMatchObject({
      kind: 'refused',
      id: 'c',
    })
  })

  test('of large files while the event loop turns', async () => {
    const merge = { isOver: false }
    const merging = mergeThread.merge(large()).finally(() => (merge.isOver = true))
    let turns = 0
    for (; !merge.isOver; turns++) await setImmediate()
    expect(await merging).toMatchObject({ kind: 'merged' })
    expect(turns).toBeGreaterThan(10)
  })

  test('several at once, each with its own answer', async () => {
    const files = Array.from({ length: 20 }, (_, n) => ({ ...SMALL, local: `{"a":${n},"b":1}` }))
    expect(await Promise.all(files.map(file => mergeThread.merge(file)))).toEqual(files.map(mergeFile))
  })

  test('and what brings the thread down is a conflict, and the next merge has another one', async () => {
    const thread = new MergeThread()
    const broken = { ...SMALL, path: 'a.txt', base: 1 as unknown as string }
    expect(await thread.merge(broken)).toMatchObject({
      kind: 'conflict',
      conflicts: [{ kind: 'file', reason: 'merge-failed' }],
    })
    expect(await thread.merge(SMALL)).toEqual(mergeFile(SMALL))
  })

  test('until the signal aborts', async () => {
    const stop = new AbortController()
    const merging = mergeThread.merge(large(), stop.signal).then(({ kind }) => kind)
    stop.abort(new Error('enough'))
    await expect(merging).rejects.toThrow('enough')
    await expect(mergeThread.merge(SMALL, stop.signal)).rejects.toThrow('enough')
    expect(await mergeThread.merge(SMALL)).toEqual(mergeFile(SMALL))
  })

  test('and keeps no process alive, nor lets one end before the answer', async () => {
    const script = `
      const { mergeThread } = await import(${JSON.stringify(new URL('./merge-thread.ts', import.meta.url).href)})
      console.log(JSON.stringify(await mergeThread.merge(${JSON.stringify(SMALL)})))`
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(JSON.parse(stdout)).toEqual(mergeFile(SMALL))
  })
})
