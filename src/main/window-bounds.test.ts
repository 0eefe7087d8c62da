import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Bounds, fitBounds, readBounds, SMALLEST, writeBounds } from './window-bounds.ts'

const laptop = { x: 0, y: 0, width: 1_440, height: 900 }
const second = { x: 1_440, y: 0, width: 1_920, height: 1_080 }
const kept: Bounds = { x: 1_500, y: 40, width: 1_200, height: 800, isMaximized: false }

test('the first window is in the middle, and fits', () => {
  expect(fitBounds(null, [laptop])).toMatchObject({ x: null, y: null, isMaximized: false })
  const small = fitBounds(null, [{ x: 0, y: 0, width: 800, height: 600 }])
  expect([small.width, small.height]).toEqual([800, 600])
})

test('it comes back where it was', () => {
  expect(fitBounds(kept, [laptop, second])).toEqual(kept)
  expect(fitBounds({ ...kept, isMaximized: true }, [laptop, second]).isMaximized).toBe(true)
})

test.each([
  ['its display is gone', kept, [laptop]],
  ['its upper edge is above the display', { ...kept, y: -100 }, [laptop, second]],
  ['only a sliver of it is on a display', { ...kept, x: 3_300 }, [laptop, second]],
])('where %s it goes to the middle', (_, bounds, areas) => {
  expect(fitBounds(bounds, areas)).toMatchObject({ x: null, y: null })
})

test('it is never larger than its display, nor too small to use', () => {
  const huge = fitBounds({ ...kept, x: 10, y: 10, width: 9_000, height: 9_000 }, [laptop])
  expect([huge.width, huge.height]).toEqual([laptop.width, laptop.height])
  const tiny = fitBounds({ ...kept, x: 10, y: 10, width: 130, height: 20 }, [laptop])
  expect([tiny.width, tiny.height]).toEqual([SMALLEST.width, SMALLEST.height])
})

test('it is kept across starts; what makes no sense is none', () => {
  const home = mkdtempSync(join(tmpdir(), 'lockstep-window-'))
  try {
    expect(readBounds(home)).toBeNull()
    writeBounds(home, kept)
    expect(readBounds(home)).toEqual(kept)
    writeFileSync(join(home, 'window.json'), '{"x":"left"}')
    expect(readBounds(home)).toBeNull()
    writeBounds(join(home, 'gone'), kept)
    expect(readBounds(join(home, 'gone'))).toBeNull()
  } finally {
    rmSync(home, { recursive: true })
  }
})
