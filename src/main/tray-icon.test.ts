import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { badgeFile, SYNCING_FRAMES, trayIconFile } from './tray-icon.ts'
import { SHAPES } from './tray-look.ts'

const icons = join(import.meta.dirname, '../../resources/icons')
const read = (path: string): Buffer => readFileSync(join(icons, path))
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

const PLATFORMS = ['linux', 'darwin', 'win32'] as const
const DESKTOPS = ['ubuntu:GNOME', 'KDE', 'XFCE', '']

test('each state has a picture on each platform and panel, of its size, unlike all others', () => {
  let seen = 0
  for (const platform of PLATFORMS) {
    for (const desktop of platform === 'linux' ? DESKTOPS : ['']) {
      const files = SHAPES.flatMap(shape =>
        Array.from({ length: shape === 'syncing' ? SYNCING_FRAMES : 1 }, (_, frame) =>
          trayIconFile(platform, desktop, shape, frame),
        ),
      )
      for (const file of files) {
        expect(existsSync(join(icons, file)), file).toBe(true)
        if (file.endsWith('.png')) expectPng(file)
        seen += 1
      }
      // The first and the third of the moving ones are the same: there and back.
      expect(new Set(files.map(file => sha256(read(file)))).size).toBe(files.length - 1)
    }
  }
  expect(seen).toBe((SHAPES.length - 1 + SYNCING_FRAMES) * (DESKTOPS.length + 2))
})

function expectPng(file: string): void {
  const size = Number(/linux\/(\d+)/.exec(file)?.[1] ?? 16)
  expect(widthOf(file)).toBe(size)
  expect(widthOf(file.replace('.png', '@2x.png'))).toBe(size * 2)
}

function widthOf(file: string): number {
  const png = read(file)
  expect(png.toString('latin1', 1, 4)).toBe('PNG')
  return png.readUInt32BE(16)
}

test('a frame beyond the last begins anew', () => {
  expect(trayIconFile('linux', '', 'syncing', SYNCING_FRAMES)).toBe(trayIconFile('linux', '', 'syncing', 0))
})

test('macOS finds a template by its name', () => {
  expect(trayIconFile('darwin', '', 'in-step', 0)).toMatch(/Template\.png$/)
})

test('badges count to nine', () => {
  expect(badgeFile(0)).toBeNull()
  for (const count of [1, 9, 10, 400]) expect(existsSync(join(icons, badgeFile(count) ?? '-'))).toBe(true)
  expect(badgeFile(10)).toBe(badgeFile(400))
})

test('the pictures are those of the drawings; otherwise run `npm run icons`', () => {
  const manifest = JSON.parse(read('manifest.json').toString()) as Record<'sources' | 'files', object>
  const drawings = globSync('*.svg', { cwd: join(icons, 'source') })
  expect(drawings.length).toBeGreaterThan(8)
  expect(Object.fromEntries(drawings.map(name => [name, sha256(read(`source/${name}`))]))).toEqual(
    manifest.sources,
  )
  const made = globSync('{linux,mac,windows,badge,app}/**/*.{png,ico}', { cwd: icons })
  expect(made.length).toBeGreaterThan(100)
  expect(Object.fromEntries(made.map(path => [path.replaceAll('\\', '/'), sha256(read(path))]))).toEqual(
    manifest.files,
  )
})
