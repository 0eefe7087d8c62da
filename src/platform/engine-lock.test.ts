import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  type EngineLock,
  type LockResult,
  acquireEngineLock,
  engineHolder,
  engineProblems,
} from './engine-lock.ts'
import { isRunning, processStart } from './process-start.ts'

const HOLDER = { command: 'lockstep watch', pid: process.pid, startedAt: 1_800_000_000_000 }
const RACES = 20
/** That are raced for at once: whoever loses one takes a moment to give up. */
const FOLDERS = 5

let home: string
let children: ChildProcess[]

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lockstep-lock-'))
  children = []
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true })
})

test('R14 the first engine gets the folder, a second in the same process does not', async () => {
  const lock = granted(await acquireEngineLock(home, HOLDER))
  expect(await acquireEngineLock(home, { ...HOLDER, command: 'second' })).toEqual({ heldBy: HOLDER })
  lock.release()
  granted(await acquireEngineLock(home, HOLDER)).release()
})

test('R14 releasing twice does not take the next engine its lock', async () => {
  const first = granted(await acquireEngineLock(home, HOLDER))
  first.release()
  const second = granted(await acquireEngineLock(home, HOLDER))
  first.release()
  expect(engineHolder(home)).toEqual(HOLDER)
  second.release()
  expect(engineHolder(home)).toBeNull()
})

test('R13 an engine whose name cannot be written or removed works, and ends, all the same', async () => {
  mkdirSync(join(home, 'engine.json', 'in the way'), { recursive: true })
  const lock = granted(await acquireEngineLock(home, HOLDER))
  lock.tell([{ code: 'state-failed', message: 'The disk fails.' }])
  expect(engineHolder(home)).toMatchObject({ pid: 0 })
  lock.release()
  expect(engineHolder(home)).toBeNull()
  granted(await acquireEngineLock(home, HOLDER)).release()
})

test('R14 others see who holds it, or that nobody does', async () => {
  expect(engineHolder(home)).toBeNull()
  expect(engineHolder(join(home, 'never'))).toBeNull()
  const lock = granted(await acquireEngineLock(home, HOLDER))
  expect(engineHolder(home)).toEqual(HOLDER)
  lock.release()
  expect(engineHolder(home)).toBeNull()
})

test.skipIf(process.platform === 'win32')('what names the holder is for the owner alone', async () => {
  const lock = granted(await acquireEngineLock(join(home, 'new'), HOLDER))
  expect(statSync(join(home, 'new')).mode & 0o777).toBe(0o700)
  expect(statSync(join(home, 'new', 'engine.json')).mode & 0o777).toBe(0o600)
  lock.release()
})

test('R14 a second process is refused and told the pid; SIGKILL frees the folder at once', async () => {
  const engine = await startEngine()
  expect(await engine.next()).toBe('granted')
  const { heldBy } = refused(await acquireEngineLock(home, HOLDER))
  expect(heldBy).toMatchObject({ pid: engine.process.pid, command: 'child' })
  expect(engineHolder(home)).toEqual(heldBy)

  engine.process.kill('SIGKILL')
  await once(engine.process, 'exit')
  expect(engineHolder(home)).toBeNull()
  granted(await acquireEngineLock(home, HOLDER)).release()
})

test('R14 a folder is refused to a process while this one holds it', async () => {
  const lock = granted(await acquireEngineLock(home, HOLDER))
  const engine = await startEngine()
  expect(await engine.next()).toBe(`refused ${process.pid}`)
  lock.release()
})

test('R14 what a dead engine has left behind is not believed, also where its pid has come again', async () => {
  const engine = await startEngine()
  await engine.next()
  const left = readFileSync(join(home, 'engine.json'), 'utf8')
  engine.process.kill('SIGKILL')
  await once(engine.process, 'exit')
  // Pid reuse: the file names a process that runs, but was not started when the file says.
  writeFileSync(
    join(home, 'engine.json'),
    left.replace(`"pid":${engine.process.pid}`, `"pid":${process.pid}`),
  )
  expect(engineHolder(home)).toBeNull()
  const lock = granted(await acquireEngineLock(home, HOLDER))
  expect(engineHolder(home)).toEqual(HOLDER)
  lock.release()
})

test('R1 what a killed engine was about to put in place here goes with the next one', async () => {
  writeFileSync(join(home, '_tmp-lockstep-580b289ddc77'), '{"pid":')
  const lock = granted(await acquireEngineLock(home, HOLDER))
  expect(readdirSync(home).filter(name => name.startsWith('_tmp-'))).toEqual([])
  lock.release()
})

test('R14 while the holder is not known by name, the folder is refused all the same', async () => {
  const lock = granted(await acquireEngineLock(home, HOLDER))
  for (const text of ['', '{', '[]', '{"pid":"x"}', 'null']) {
    writeFileSync(join(home, 'engine.json'), text)
    expect(engineHolder(home)).toMatchObject({ pid: 0 })
  }
  rmSync(join(home, 'engine.json'))
  expect(refused(await acquireEngineLock(home, HOLDER)).heldBy.pid).toBe(0)
  lock.release()
})

test('R14 an engine that runs in another container or on another machine is believed by its lock', async () => {
  const lock = granted(await acquireEngineLock(home, HOLDER))
  const written = JSON.parse(readFileSync(join(home, 'engine.json'), 'utf8'))
  const elsewhere = { ...written, pid: 2 ** 30, host: 'elsewhere' }
  writeFileSync(join(home, 'engine.json'), JSON.stringify(elsewhere))
  expect(engineHolder(home)).toEqual({ ...HOLDER, pid: 2 ** 30 })
  lock.release()
})

test('R14 looking again and again does not keep an engine from starting', async () => {
  const looker = await startLooker()
  await looker.next()
  // Its patience is counted in tries: a looker that has to wait for the processor may hold the lock for long.
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1))
  for (let start = 0; start < RACES; start++) {
    granted(await acquireEngineLock(home, HOLDER)).release()
  }
  expect(looker.process.exitCode).toBeNull()
})

test(`R14 of two that start at once exactly one wins, ${RACES} times`, async () => {
  const racers = await Promise.all([startRacer(), startRacer()])
  for (let race = 0; race < RACES; race += FOLDERS) {
    const folders = Array.from({ length: FOLDERS }, (_, at) => join(home, `race-${race + at}`))
    for (const racer of racers) racer.process.stdin!.write(`${JSON.stringify(folders)}\n`)
    for (const racer of racers) expect(await racer.next()).toBe('ready')
    // Both look for it all the time, and hold what they get until told to let go.
    writeFileSync(join(home, `race-${race}.go`), '')
    const [one, other] = await Promise.all(racers.map(async racer => (await racer.next()).split(', ')))
    for (const [at, result] of one!.entries()) {
      const results = [result, other![at]!].sort()
      expect(results[0]).toBe('granted')
      expect(results[1]).toMatch(/^refused \d+$/)
    }
    for (const racer of racers) racer.process.stdin!.write('"release"\n')
    for (const racer of racers) expect(await racer.next()).toBe('released')
  }
})

test.each([
  ['garbage', 'Z'.repeat(8_192)],
  ['zeroes', '\0'.repeat(8_192)],
  ['the first part of a database', `SQLite format 3\0${'\x10'.repeat(100)}`],
])('R13.5 a lock that holds %s is one nobody has, and can be taken', async (_, damage) => {
  granted(await acquireEngineLock(home, HOLDER)).release()
  writeFileSync(join(home, 'engine.lock.db'), damage)
  expect(engineHolder(home)).toBeNull()
  writeFileSync(join(home, 'engine.lock.db'), damage)
  const lock = granted(await acquireEngineLock(home, HOLDER))
  expect(engineHolder(home)).toEqual(HOLDER)
  lock.release()
})

test('R13.5 a lock that is damaged while somebody has it stays theirs', async () => {
  const engine = await startEngine()
  expect(await engine.next()).toBe('granted')
  // On POSIX this would end a lock of this process's own.
  writeFileSync(join(home, 'engine.lock.db'), 'Z'.repeat(8_192))
  expect(refused(await acquireEngineLock(home, HOLDER)).heldBy.pid).toBe(engine.process.pid)
  expect(engineHolder(home)?.pid).toBe(engine.process.pid)
})

test('R13.3 a lock whose folder was removed is no longer in its place, and takes nobody theirs', async () => {
  const lock = granted(await acquireEngineLock(join(home, 'of-folder'), HOLDER))
  expect(lock.isInPlace()).toBe(true)
  rmSync(join(home, 'of-folder'), { recursive: true })
  expect(lock.isInPlace()).toBe(false)
  const next = granted(await acquireEngineLock(join(home, 'of-folder'), { ...HOLDER, command: 'next' }))
  lock.tell([{ code: 'io', message: 'of the former engine' }])
  lock.release()
  expect(engineHolder(join(home, 'of-folder'))?.command).toBe('next')
  expect(engineProblems(join(home, 'of-folder'))).toEqual([])
  next.release()
})

test('R12.1 what keeps an engine from its work is told to others, as long as it holds the lock', async () => {
  const lock = granted(await acquireEngineLock(home, HOLDER))
  const problem = { code: 'state-failed', message: 'The disk is full: größe.', retryAt: 1 } as const
  lock.tell([problem])
  expect(engineProblems(home)).toEqual([problem])
  expect(engineHolder(home)).toEqual(HOLDER)
  const many = Array.from({ length: 100 }, () => ({ ...problem, message: 'x'.repeat(300) }))
  lock.tell(many)
  expect(engineProblems(home).length).toBeGreaterThan(5)
  expect(statSync(join(home, 'engine.json')).size).toBeLessThanOrEqual(4_096)
  lock.tell([])
  expect(engineProblems(home)).toEqual([])
  lock.release()
  expect(engineProblems(home)).toEqual([])
})

test('a process is told apart from another with its pid', () => {
  expect(isRunning(process.pid)).toBe(true)
  expect(isRunning(2 ** 30)).toBe(false)
  expect(processStart(2 ** 30)).toBeNull()
  const own = processStart(process.pid)
  expect(own).toBe(processStart(process.pid))
  if (process.platform === 'linux') expect(own).toMatch(/^[\da-f-]+:\d+$/)
})

function granted(result: LockResult): EngineLock {
  if ('heldBy' in result) throw new Error(`refused: ${JSON.stringify(result.heldBy)}`)
  return result
}

function refused(result: LockResult): Exclude<LockResult, EngineLock> {
  if ('heldBy' in result) return result
  result.release()
  throw new Error('granted')
}

interface Child {
  readonly process: ChildProcess
  /** The next line it prints. */
  next(): Promise<string>
}

function startEngine(): Promise<Child> {
  return start(`
    const result = await acquireEngineLock(home, holder)
    console.log('heldBy' in result ? 'refused ' + result.heldBy.pid : 'granted')
    setInterval(() => {}, 1000)`)
}

function startLooker(): Promise<Child> {
  return start(`
    console.log('looking')
    const look = () => { for (let i = 0; i < 50; i++) engineHolder(home); setImmediate(look) }
    look()`)
}

function startRacer(): Promise<Child> {
  return start(`
    let results = []
    createInterface({ input: process.stdin }).on('line', async line => {
      const folders = JSON.parse(line)
      if (folders === 'release') {
        for (const result of results) if ('release' in result) result.release()
        return console.log('released')
      }
      process.stdout.write('ready\\n', async () => {
        while (!existsSync(folders[0] + '.go')) {}
        results = await Promise.all(folders.map(folder => acquireEngineLock(folder, holder)))
        console.log(results.map(result => 'heldBy' in result ? 'refused ' + result.heldBy.pid : 'granted').join(', '))
      })
    })`)
}

async function start(body: string): Promise<Child> {
  const script = join(home, `child-${children.length}.mts`)
  const module = JSON.stringify(join(import.meta.dirname, 'engine-lock.ts'))
  writeFileSync(
    script,
    `import { existsSync } from 'node:fs'
     import { createInterface } from 'node:readline'
     import { acquireEngineLock, engineHolder } from ${module}
     const home = ${JSON.stringify(home)}
     const holder = { command: 'child', pid: process.pid, startedAt: Date.now() }
     ${body}`,
  )
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('the child has ended')
    return line.value
  }
  return { process: child, next }
}
