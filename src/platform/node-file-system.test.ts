import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type FileSystem, FileSystemError } from '../engine/ports/file-system.ts'
import { openFileSystem } from './node-file-system.ts'

const isWindows = process.platform === 'win32'
let top: string
let project: string
let outside: string
let fs: FileSystem

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-fs-')))
  project = join(top, 'project')
  outside = join(top, 'outside')
  mkdirSync(project)
  mkdirSync(outside)
  fs = openFileSystem(project)
})

afterEach(() => rmSync(top, { recursive: true }))

function put(path: string, text: string): void {
  mkdirSync(join(project, path, '..'), { recursive: true })
  writeFileSync(join(project, path), text)
}

function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(FileSystemError)
    return (error as FileSystemError).code
  }
  throw new Error('nothing was thrown')
}

describe('looking', () => {
  test('lstat tells kind, size, times with fractions, inode, device and mode', () => {
    put('data/a.md', 'hello')
    utimesSync(join(project, 'data/a.md'), 1_700_000_000.123456, 1_700_000_000.123456)
    const expected = statSync(join(project, 'data/a.md'))
    expect(fs.lstat('data/a.md')).toEqual({
      kind: 'file',
      size: 5,
      mtimeMs: expected.mtimeMs,
      ctimeMs: expected.ctimeMs,
      ino: expected.ino,
      dev: expected.dev,
      mode: expected.mode & 0o7777,
      birthtimeMs: expected.birthtimeMs,
    })
    expect(fs.lstat('data')?.kind).toBe('directory')
    expect(fs.lstat('')?.kind).toBe('directory')
  })

  test('R8.10 tells whether times of birth are kept, also of a project that was made a moment ago', () => {
    const { birthtimeMs, ctimeMs } = statSync(tmpdir())
    const isKept = birthtimeMs > 0 && Math.round(birthtimeMs) !== Math.round(ctimeMs)
    const young = mkdtempSync(join(tmpdir(), 'lockstep-young-'))
    const { keepsBirths } = openFileSystem(young)
    rmdirSync(young)
    expect(keepsBirths).toBe(isKept)
  })

  test('lstat is null where nothing is, and where a parent is missing or is a file', () => {
    put('data/a.md', '')
    for (const path of ['x', 'data/x', 'x/y/z', 'data/a.md/b', 'data/a.md/b/c'])
      expect(fs.lstat(path)).toBeNull()
  })

  test('list is null where there is no folder, and tells each kind', () => {
    put('data/a.md', '')
    mkdirSync(join(project, 'data/sub'))
    symlinkSync('a.md', join(project, 'data/link'))
    expect(fs.list('nowhere')).toBeNull()
    expect(fs.list('data/a.md')).toBeNull()
    expect(fs.list('data')?.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'a.md', kind: 'file' },
      { name: 'link', kind: 'link' },
      { name: 'sub', kind: 'directory' },
    ])
    expect(fs.list('')?.map(entry => entry.name)).toEqual(['data'])
  })

  test('a name that is too long is an error with the code of the OS', () => {
    expect(codeOf(() => fs.lstat('x'.repeat(300)))).toBe('ENAMETOOLONG')
  })

  test.skipIf(isWindows)('R12 a name that is not UTF-8 is left out and reported', () => {
    const unreadable: string[] = []
    fs = openFileSystem(project, {
      onUnreadableName: (folder, name) => unreadable.push(`${folder}: ${name}`),
    })
    mkdirSync(join(project, 'data'))
    writeFileSync(Buffer.concat([Buffer.from(join(project, 'data/latin-')), Buffer.of(0xe9)]), '')
    put('data/really \ufffd.md', '')
    expect(fs.list('data')?.map(entry => entry.name)).toEqual(['really \ufffd.md'])
    expect(unreadable).toEqual(['data: latin-\ufffd'])
  })
})

describe('F24 F25 R11 links', () => {
  test('F24 a project that is reached through a link works', () => {
    put('data/a.md', 'hello')
    symlinkSync(project, join(top, 'alias'))
    fs = openFileSystem(join(top, 'alias'))
    expect(Buffer.from(fs.read('data/a.md')).toString()).toBe('hello')
    fs.create('data/b.md', Buffer.from('new'), {})
    expect(readFileSync(join(project, 'data/b.md'), 'utf8')).toBe('new')
  })

  test('F25 nothing is seen, read, written or removed through a linked folder', () => {
    writeFileSync(join(outside, 'secret.json'), 'secret')
    mkdirSync(join(project, 'data'))
    symlinkSync(outside, join(project, 'data/link'))
    put('data/own.json', 'own')
    expect(fs.lstat('data/link')?.kind).toBe('link')
    expect(fs.lstat('data/link/secret.json')).toBeNull()
    expect(fs.list('data/link')).toBeNull()
    const attempts = [
      () => fs.read('data/link/secret.json'),
      () => fs.create('data/link/x.json', Buffer.from('x'), {}),
      () => fs.makeDirectory('data/link/newdir'),
      () => fs.makeDirectory('data/link'),
      () => fs.rename('data/own.json', 'data/link/x.json'),
      () => fs.rename('data/link/secret.json', 'data/x.json'),
      () => fs.link('data/own.json', 'data/link/x.json'),
      () => fs.link('data/link/secret.json', 'data/x.json'),
      () => fs.unlink('data/link/secret.json'),
      () => fs.removeEmptyDirectory('data/link/newdir'),
    ]
    expect(attempts.map(codeOf)).toEqual(attempts.map(() => 'ELOOP'))
    expect(readdirSync(outside)).toEqual(['secret.json'])
    expect(readdirSync(join(project, 'data')).sort()).toEqual(['link', 'own.json'])
  })

  test('F25 a link is noticed although its place was a folder a moment ago', () => {
    put('data/sub/a.md', 'own')
    expect(fs.lstat('data/sub/a.md')?.kind).toBe('file')
    rmSync(join(project, 'data/sub'), { recursive: true })
    symlinkSync(outside, join(project, 'data/sub'))
    expect(codeOf(() => fs.create('data/sub/x.md', Buffer.from('x'), {}))).toBe('ELOOP')
    expect(readdirSync(outside)).toEqual([])
  })

  test('a linked file is not followed', () => {
    writeFileSync(join(outside, 'secret'), 'secret')
    symlinkSync(join(outside, 'secret'), join(project, 'a.md'))
    expect(codeOf(() => fs.read('a.md'))).toBe('ELOOP')
    expect(codeOf(() => fs.create('a.md', Buffer.from('x'), {}))).toBe('EEXIST')
    put('new.md', 'new')
    fs.rename('new.md', 'a.md')
    expect(lstatSync(join(project, 'a.md')).isFile()).toBe(true)
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
  })

  test.each(['../x', 'data/../../x', '/etc/hosts', 'data//x', './x', 'data/.', 'data/', 'a\0b'])(
    'R11 refuses the path %j',
    path => {
      mkdirSync(join(project, 'data'))
      const attempts = [
        () => fs.lstat(path),
        () => fs.read(path),
        () => fs.create(path, Buffer.from('x'), {}),
        () => fs.unlink(path),
        () => fs.makeDirectory(path),
        () => fs.removeEmptyDirectory(path),
      ]
      expect(attempts.map(codeOf)).toEqual(attempts.map(() => 'EINVAL'))
      expect(readdirSync(top).sort()).toEqual(['outside', 'project'])
    },
  )
})

describe('reading', () => {
  test.each([0, 1, 2_048, 100_000])('a file of %i bytes comes back byte for byte', size => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, index) => (index * 31) % 256))
    mkdirSync(join(project, 'data'))
    fs.create('data/a', bytes, {})
    expect(Buffer.compare(fs.read('data/a'), bytes)).toBe(0)
  })

  test('files whose size is told as 0 are read to their end', () => {
    if (!existsSync('/proc/version')) return expect(existsSync('/proc/version')).toBe(false)
    const bytes = openFileSystem('/proc').read('version')
    expect(Buffer.from(bytes).toString()).toBe(readFileSync('/proc/version', 'utf8'))
  })

  test('what is no regular file is refused, and a pipe does not block', () => {
    mkdirSync(join(project, 'folder'))
    expect(codeOf(() => fs.read('folder'))).toBe('EISDIR')
    expect(codeOf(() => fs.read('nothing'))).toBe('ENOENT')
    if (isWindows) return
    execFileSync('mkfifo', [join(project, 'pipe')])
    expect(fs.lstat('pipe')?.kind).toBe('other')
    expect(codeOf(() => fs.read('pipe'))).toBe('EINVAL')
  })
})

describe('writing', () => {
  test('R9 create does not touch a file that is there', () => {
    put('a', 'old')
    expect(codeOf(() => fs.create('a', Buffer.from('new'), {}))).toBe('EEXIST')
    expect(readFileSync(join(project, 'a'), 'utf8')).toBe('old')
  })

  test.skipIf(isWindows)('create gives exactly the mode, whatever the umask takes away', () => {
    fs.create('a', Buffer.from('x'), { mode: 0o666 })
    fs.create('b', Buffer.from('x'), { mode: 0o640 })
    expect([fs.lstat('a')?.mode, fs.lstat('b')?.mode]).toEqual([0o666, 0o640])
  })

  test.skipIf(!canMountTinyDisk())('a full disk leaves no part of a file', () => {
    const script = `
      import { openFileSystem } from ${JSON.stringify(join(import.meta.dirname, 'node-file-system.ts'))}
      import { readdirSync } from 'node:fs'
      const fs = openFileSystem(process.argv[2])
      try {
        fs.create('large', Buffer.alloc(1024 * 1024), {})
      } catch (error) {
        console.log(error.name, error.code, readdirSync(process.argv[2]).length)
      }`
    writeFileSync(join(top, 'fill.mts'), script)
    const command = 'mount -t tmpfs -o size=64k none "$1" && "$2" "$3" "$1"'
    expect(inNamespace(command, [project, process.execPath, join(top, 'fill.mts')])).toBe(
      'FileSystemError ENOSPC 0\n',
    )
  })

  test('R9.3 append writes at the end of the file that is expected, and of no other', () => {
    put('data/a.log', 'one\n')
    const expected = fs.lstat('data/a.log')!
    expect(fs.append('data/a.log', Buffer.from('two\n'), expected)).toBe('appended')
    expect(readFileSync(join(project, 'data/a.log'), 'utf8')).toBe('one\ntwo\n')
    expect(lstatSync(join(project, 'data/a.log')).ino).toBe(expected.ino)
    expect(fs.append('data/a.log', Buffer.from('three\n'), expected)).toBe('changed')
    expect(readFileSync(join(project, 'data/a.log'), 'utf8')).toBe('one\ntwo\n')
    symlinkSync(join(project, 'data/a.log'), join(project, 'data/link.log'))
    expect(codeOf(() => fs.append('data/link.log', Buffer.from('x'), fs.lstat('data/a.log')!))).toBe('ELOOP')
    expect(codeOf(() => fs.append('data/missing.log', Buffer.from('x'), expected))).toBe('ENOENT')
  })

  test('link gives a second name, and says where one is taken', () => {
    put('a', 'one')
    put('b', 'two')
    expect(fs.link('a', 'c')).toBe('linked')
    expect(fs.lstat('c')?.ino).toBe(fs.lstat('a')?.ino)
    expect(fs.link('a', 'b')).toBe('exists')
    expect(readFileSync(join(project, 'b'), 'utf8')).toBe('two')
    expect(codeOf(() => fs.link('nothing', 'd'))).toBe('ENOENT')
  })

  test('rename replaces a file whole, and never a folder', () => {
    put('a', 'new')
    put('b', 'old')
    mkdirSync(join(project, 'folder'))
    fs.rename('a', 'b')
    expect(readFileSync(join(project, 'b'), 'utf8')).toBe('new')
    expect(fs.lstat('a')).toBeNull()
    expect(['EISDIR', 'EPERM', 'EACCES']).toContain(codeOf(() => fs.rename('b', 'folder')))
    expect(codeOf(() => fs.rename('nothing', 'c'))).toBe('ENOENT')
  })

  test('unlink is content with a file that is gone', () => {
    put('a/b', '')
    fs.unlink('a/b')
    fs.unlink('a/b')
    fs.unlink('never/was')
    expect(fs.list('a')).toEqual([])
    expect(['EISDIR', 'EPERM']).toContain(codeOf(() => fs.unlink('a')))
  })

  test('makeDirectory makes parents, takes those that are there, and refuses a file in the way', () => {
    fs.makeDirectory('a/b/c')
    fs.makeDirectory('a/b/c')
    expect(fs.lstat('a/b/c')?.kind).toBe('directory')
    put('file', '')
    expect(codeOf(() => fs.makeDirectory('file'))).toBe('ENOTDIR')
    expect(codeOf(() => fs.makeDirectory('file/sub'))).toBe('ENOTDIR')
  })

  test('removeEmptyDirectory removes nothing that holds something', () => {
    put('a/b/file', '')
    mkdirSync(join(project, 'a/empty'))
    expect(fs.removeEmptyDirectory('a/empty')).toBe(true)
    expect(fs.removeEmptyDirectory('a/empty')).toBe(false)
    expect(fs.removeEmptyDirectory('a/b')).toBe(false)
    expect(fs.removeEmptyDirectory('no/such')).toBe(false)
    expect(existsSync(join(project, 'a/b/file'))).toBe(true)
  })

  test('a folder that was just removed is not taken for there', () => {
    mkdirSync(join(project, 'a'))
    expect(fs.list('a')).toEqual([])
    expect(fs.removeEmptyDirectory('a')).toBe(true)
    expect(fs.list('a')).toBeNull()
    expect(fs.lstat('a/x')).toBeNull()
  })

  test('errors carry the path and hide nothing of the cause', () => {
    const error = vi.fn()
    try {
      fs.read('data/none.md')
    } catch (thrown) {
      error(thrown)
    }
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({ name: 'FileSystemError', path: 'data/none.md' }),
    )
  })
})

test('a folder that may not be read is an error, not an absence', ({ skip }) => {
  skip(isWindows || process.getuid?.() === 0, 'root, and Windows, read every folder')
  mkdirSync(join(project, 'closed'), { mode: 0o000 })
  expect(codeOf(() => fs.list('closed'))).toBe('EACCES')
})

/** A mount namespace of its own, as root of a user namespace: what is mounted there ends with the command. */
function inNamespace(command: string, args: readonly string[]): string {
  return execFileSync('unshare', ['-Urm', 'sh', '-c', command, 'sh', ...args], { encoding: 'utf8' })
}

function canMountTinyDisk(): boolean {
  try {
    inNamespace('mount -t tmpfs -o size=64k none /tmp', [])
    return true
  } catch {
    return false
  }
}
