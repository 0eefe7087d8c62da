import { execFileSync } from 'node:child_process'
import { EventEmitter } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FSWatcher } from 'chokidar'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { pace, PATIENCE_MS, until } from '../../test/support/until.ts'
import type { Problem } from '../engine/core/problem.ts'
import type { WatchTargets } from '../engine/ports/watcher.ts'
import { ChokidarWatcher, type WatcherOptions } from './chokidar-watcher.ts'
import { DirtyBatch } from './dirty-batch.ts'

/** A report that comes so long after a path's last event is the second look at it, in milliseconds. */
const SECOND_LOOK_MS = 60

let top: string
let project: string
let watcher: ChokidarWatcher
let dirty: string[]
let overflows: number
let troubles: (Problem | null)[]
/** When each path last had an event, and when it was last reported. Milliseconds since the epoch. */
let events: Map<string, number>
let reports: Map<string, number>

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-watch-')))
  project = join(top, 'project')
  mkdirSync(join(project, 'data'), { recursive: true })
  dirty = []
  overflows = 0
  troubles = []
  events = new Map()
  reports = new Map()
  const { add } = DirtyBatch.prototype
  vi.spyOn(DirtyBatch.prototype, 'add').mockImplementation(function (this: DirtyBatch, path) {
    events.set(path, Date.now())
    add.call(this, path)
  })
})

afterEach(async () => {
  vi.useRealTimers()
  await watcher.close()
  rmSync(top, { recursive: true })
})

async function start(targets: Partial<WatchTargets>, options: WatcherOptions = {}): Promise<void> {
  watcher = new ChokidarWatcher(project, options)
  await watcher.start(
    { folders: ['data'], prunes: () => false, ...targets },
    {
      onDirty: paths => {
        dirty.push(...paths)
        for (const path of paths) reports.set(path, Date.now())
      },
      onOverflow: () => void overflows++,
      onTrouble: problem => troubles.push(problem),
    },
  )
}

function put(path: string, text: string): void {
  mkdirSync(join(project, path, '..'), { recursive: true })
  writeFileSync(join(project, path), text)
}

function reported(path: string): Promise<void> {
  return until(
    () => dirty.includes(path),
    `a report of ${path}`,
    () => `reported: ${dirty.join(', ')}`,
  )
}

/** Until whatever happened on the disk before has been passed on, by the report of what happens now. */
async function passed(folder = 'data'): Promise<string> {
  const marker = `${folder}/marker-${++markers}`
  put(marker, '')
  await reported(marker)
  return marker
}
let markers = 0

/** And looked at a second time. */
async function settled(folder = 'data'): Promise<void> {
  await passed(folder)
  const isSecond = ([path, at]: [string, number]): boolean => (reports.get(path) ?? 0) - at >= SECOND_LOOK_MS
  await until(() => [...events].every(isSecond), 'the second look at each path')
}

describe('on the real file system', () => {
  test('reports what is added, edited, replaced and removed', async () => {
    for (const name of ['edited', 'replaced', 'removed']) put(`data/sub/${name}.md`, '1')
    await start({})
    put('data/sub/edited.md', '2')
    await reported('data/sub/edited.md')
    put('data/added.md', '1')
    await reported('data/added.md')
    put('data/new', 'x')
    renameSync(join(project, 'data/new'), join(project, 'data/sub/replaced.md'))
    await reported('data/sub/replaced.md')
    expect(dirty).not.toContain('data/sub/removed.md')
    rmSync(join(project, 'data/sub/removed.md'))
    await reported('data/sub/removed.md')
    expect(troubles).toEqual([])
    expect(overflows).toBe(0)
  })

  test('nothing is reported for what was there before, and nothing after closing', async () => {
    put('data/a.md', '1')
    await start({})
    const marker = await passed()
    await watcher.close()
    expect(new Set(dirty)).toEqual(new Set([marker]))
    dirty = []
    put('data/a.md', '2')
    // Another one hears of all that the closed one might have heard of.
    const other = new ChokidarWatcher(project)
    const heard: string[] = []
    await other.start(
      { folders: ['data'], prunes: () => false },
      { onDirty: paths => heard.push(...paths), onOverflow() {}, onTrouble() {} },
    )
    put('data/a.md', '3')
    put('data/new.md', '1')
    await until(() => heard.includes('data/new.md'), 'a report to the other watcher')
    await other.close()
    expect(dirty).toEqual([])
  })

  test('F2 a second write 5 to 45 ms after the first is reported after it was made', async () => {
    const gaps = [5, 10, 15, 20, 25, 30, 35, 40, 45]
    for (const gap of gaps) put(`data/${gap}.md`, '0')
    await start({})
    for (const gap of gaps) {
      put(`data/${gap}.md`, 'first')
      await pace(gap)
      dirty = []
      put(`data/${gap}.md`, 'second')
      await reported(`data/${gap}.md`)
    }
  })

  test('a new tree is reported, and edits deep in it', async () => {
    await start({})
    put('data/x/y/z/a.md', '1')
    await reported('data/x/y/z/a.md')
    await settled()
    dirty = []
    put('data/x/y/z/a.md', '2')
    await reported('data/x/y/z/a.md')
  })

  test('a watched folder that is missing is reported when it comes, and when it goes and comes again', async () => {
    put('elsewhere/x', '1')
    await start({ folders: ['data/notes/deep', 'later'] })
    put('elsewhere/x', '2')
    put('data/other.md', '1')
    put('later/a.md', '1')
    await reported('later/a.md')
    await passed('later')
    expect(dirty.filter(path => !path.startsWith('later'))).toEqual([])
    put('data/notes/deep/a.md', '1')
    await reported('data/notes/deep/a.md')
    await settled('later')
    dirty = []
    rmSync(join(project, 'data/notes'), { recursive: true })
    await reported('data/notes')
    await settled('later')
    put('data/notes/deep/b.md', '1')
    await reported('data/notes/deep/b.md')
    await settled('later')
    dirty = []
    put('data/notes/deep/b.md', '2')
    await reported('data/notes/deep/b.md')
  })

  test('F24 a project that is reached through a link reports its own paths', async () => {
    symlinkSync(project, join(top, 'alias'))
    project = join(top, 'alias')
    await start({})
    put('data/a.md', '1')
    await reported('data/a.md')
  })

  test('R10 denied files and folders are not reported', async () => {
    await start({})
    put('data/.env', 'secret')
    put('data/sync.db-wal', 'x')
    put('data/_tmp-lockstep-1', 'x')
    put('data/node_modules/pkg/a.md', 'x')
    put('data/seen.md', 'x')
    await reported('data/seen.md')
    const marker = await passed()
    expect(new Set(dirty)).toEqual(new Set(['data/seen.md', marker]))
  })

  test('F25 linked folders are not followed', async () => {
    mkdirSync(join(top, 'outside'))
    symlinkSync(join(top, 'outside'), join(project, 'data/link'))
    await start({ folders: ['data', 'data/link/x'] })
    writeFileSync(join(top, 'outside/x.md'), 'x')
    const marker = await passed()
    expect(new Set(dirty)).toEqual(new Set([marker]))
  })

  test('a root that was a link and becomes a folder is watched', async () => {
    mkdirSync(join(top, 'outside'))
    rmSync(join(project, 'data'), { recursive: true })
    symlinkSync(join(top, 'outside'), join(project, 'data'))
    await start({}, { checkMs: 50 })
    writeFileSync(join(top, 'outside/x.md'), 'x')
    rmSync(join(project, 'data'))
    mkdirSync(join(project, 'data'))
    await eventually(() => overflows).toBe(1)
    put('data/a.md', '1')
    await reported('data/a.md')
    expect(dirty).not.toContain('data/x.md')
  })

  test.skipIf(process.platform !== 'linux')(
    'F26 one watch for each folder, none in pruned ones',
    async () => {
      for (let index = 0; index < 200; index++) put(`data/kept/${index % 4}/${index}.md`, '')
      for (let index = 0; index < 50; index++) put(`data/pruned/${index}/a.md`, '')
      const before = inotifyWatches()
      await start({ prunes: folder => folder === 'data/pruned' })
      expect(inotifyWatches() - before).toBe(6)
      await watcher.close()
      expect(inotifyWatches()).toBe(before)
    },
  )

  test('starting again replaces what was watched', async () => {
    mkdirSync(join(project, 'other'))
    await start({})
    await watcher.start(
      { folders: ['other'], prunes: () => false },
      { onDirty: paths => dirty.push(...paths), onOverflow() {}, onTrouble() {} },
    )
    put('data/a.md', '1')
    put('other/a.md', '1')
    await reported('other/a.md')
    await passed('other')
    expect(dirty).not.toContain('data/a.md')
  })
})

/**
 * The limits themselves, set for a user namespace of this test's own: it proves that the real error of the
 * real system arrives as the problem, in a process that goes on.
 */
describe.skipIf(!canLimitWatches())('F26 at the limits of the real system', () => {
  test.each([
    ['max_inotify_watches', 5, 'watch-limit', 'sudo sysctl fs.inotify.max_user_watches='],
    ['max_inotify_instances', 0, 'watch-limit', 'sudo sysctl fs.inotify.max_user_instances='],
  ])('%s of %i', (limit, value, code, advice) => {
    for (let index = 0; index < 20; index++) put(`data/${index}/a.md`, '')
    const script = join(top, 'watch.mts')
    writeFileSync(
      script,
      `import { ChokidarWatcher } from ${JSON.stringify(join(import.meta.dirname, 'chokidar-watcher.ts'))}
       const troubles = []
       let overflows = 0
       const watcher = new ChokidarWatcher(${JSON.stringify(project)}, { pollMs: 20 })
       await watcher.start({ folders: ['data'], prunes: () => false }, {
         onDirty() {}, onOverflow: () => overflows++, onTrouble: problem => troubles.push(problem) })
       while (overflows < 3) await new Promise(resolve => setTimeout(resolve, 5))
       await watcher.close()
       console.log(JSON.stringify({ troubles, overflows }))`,
    )
    const output = withLimit(limit, value, ['--disable-warning=ExperimentalWarning', script])
    const result: { troubles: Problem[]; overflows: number } = JSON.parse(output)
    expect(result.troubles).toEqual([{ code, message: expect.stringContaining(advice) }])
    expect(result.overflows).toBeGreaterThan(2)
  })
})

describe('F26 troubles', () => {
  // Real ones that watch nothing: what they say is said by the test.
  let opened: FSWatcher[]
  const watch = (): FSWatcher => {
    const fake = new FSWatcher()
    opened.push(fake)
    return fake
  }

  beforeEach(() => {
    opened = []
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    })
  })

  const limitError = (): Error => Object.assign(new Error('System limit reached'), { code: 'ENOSPC' })

  async function startWith(settle: (fake: FSWatcher) => void): Promise<void> {
    const starting = start({}, { watch, pollMs: 1_000, retryMs: 60_000 })
    await vi.advanceTimersByTimeAsync(0)
    expect(opened).toHaveLength(1)
    settle(opened[0]!)
    await starting
  }

  test('a limit that is reached while starting: polling, one report for many folders, no hang', async () => {
    await startWith(fake => {
      fake.emit('error', limitError())
      fake.emit('error', limitError())
    })
    expect(troubles).toEqual([
      { code: 'watch-limit', message: expect.stringMatching(/sysctl .*every 1 seconds/) },
    ])
    expect(overflows).toBe(1)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(overflows).toBe(4)
  })

  test('a limit that is reached later', async () => {
    await startWith(fake => fake.emit('ready'))
    expect(troubles).toEqual([])
    opened[0]!.emit('error', limitError())
    expect(troubles).toHaveLength(1)
    expect(overflows).toBe(1)
  })

  test('after some minutes watching is tried again; when it works, polling ends and that is said', async () => {
    await startWith(fake => fake.emit('error', limitError()))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(opened).toHaveLength(2)
    opened[1]!.emit('error', limitError())
    await vi.advanceTimersByTimeAsync(60_000)
    expect(opened).toHaveLength(3)
    opened[2]!.emit('ready')
    expect(troubles.map(problem => problem?.code ?? null)).toEqual(['watch-limit', null])
    const before = overflows
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    expect(overflows).toBe(before)
    expect(opened).toHaveLength(3)
  })

  test('an error of another kind is said as it is', async () => {
    await startWith(fake => fake.emit('error', new Error('strange')))
    expect(troubles).toEqual([{ code: 'watch-failed', message: expect.stringContaining('strange') }])
  })

  test('a watcher that cannot even be made does not end the process', async () => {
    const failing = (): never => {
      throw limitError()
    }
    await start({}, { watch: failing })
    expect(troubles).toMatchObject([{ code: 'watch-limit' }])
  })

  test('F2 what the system tells is reported, whatever chokidar makes of it, but for what is denied', async () => {
    await startWith(fake => fake.emit('ready'))
    const details = { watchedPath: join(project, 'data') }
    opened[0]!.emit('raw', 'change', 'emptied.md', details)
    opened[0]!.emit('raw', 'change', '.env', details)
    opened[0]!.emit('raw', 'change', null, details)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(new Set(dirty)).toEqual(new Set(['data/emptied.md']))
  })

  test('events of a watcher that was given up are not reported', async () => {
    await startWith(fake => fake.emit('ready'))
    const fake = opened[0]!
    const listeners = new EventEmitter()
    for (const listener of fake.listeners('all')) listeners.on('all', listener as () => void)
    fake.emit('error', limitError())
    listeners.emit('all', 'change', join(project, 'data/a.md'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(dirty).toEqual([])
  })

  test('after closing nothing is asked for any longer', async () => {
    await startWith(fake => fake.emit('error', limitError()))
    await watcher.close()
    const before = overflows
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    expect(overflows).toBe(before)
    expect(vi.getTimerCount()).toBe(0)
  })
})

function inotifyWatches(): number {
  const infos = readdirSync('/proc/self/fdinfo').map(fd => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
    } catch {
      return ''
    }
  })
  return infos.join('\n').match(/^inotify wd/gm)?.length ?? 0
}

function withLimit(limit: string, value: number, args: readonly string[]): string {
  const command = `echo ${value} > /proc/sys/user/${limit} && exec "$@"`
  return execFileSync('unshare', ['-Ur', 'sh', '-c', command, 'sh', process.execPath, ...args], {
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  })
}

function canLimitWatches(): boolean {
  try {
    withLimit('max_inotify_watches', 5, ['--version'])
    return true
  } catch {
    return false
  }
}
