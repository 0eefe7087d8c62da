import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { SessionEvent } from '../engine/status.ts'
import type { Context } from './context.ts'
import { listenForInterrupt } from './interrupt.ts'
import { createCliLog } from './log.ts'
import { Output } from './output.ts'
import { SessionView } from './session-view.ts'

interface Options {
  readonly isTTY?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
}

class FakeStream {
  text = ''
  readonly isTTY: boolean
  readonly columns: number

  constructor(isTTY: boolean, columns: number) {
    this.isTTY = isTTY
    this.columns = columns
  }

  write(text: string): boolean {
    this.text += text
    return true
  }
}

function create({ isTTY = false, json = false, quiet = false, columns = 80, env = {} }: Options = {}) {
  const stdout = new FakeStream(isTTY, columns)
  const stderr = new FakeStream(isTTY, columns)
  const out = new Output({ stdout, stderr, env, json, quiet, verbose: false })
  const context: Context = {
    env,
    cwd: '/',
    out,
    log: createCliLog(out),
    signal: new AbortController().signal,
    now: () => new Date(2026, 4, 3, 12, 0, 0).getTime(),
    trustsAdapter: false,
    trustedHost: null,
    trustsDatabase: false,
  }
  return { stdout, stderr, out, context }
}

describe('where the words go', () => {
  test('a result goes to stdout as lines, or as one document', () => {
    const human = create()
    human.out.result({ a: 1 }, () => ['one', 'two'])
    expect(human.stdout.text).toBe('one\ntwo\n')
    const machine = create({ json: true })
    machine.out.result({ a: 1 }, () => ['one'])
    machine.out.line('for a person')
    machine.out.note('hint')
    expect(machine.stdout.text).toBe('{"a":1}\n')
    expect(machine.stderr.text).toBe('hint\n')
  })

  test('quiet leaves out hints, not errors', () => {
    const { out, stderr } = create({ quiet: true })
    out.note('hint')
    out.warn('error')
    expect(stderr.text).toBe('error\n')
  })

  test('colours are for terminals, and not where NO_COLOR or TERM=dumb says otherwise', () => {
    expect(create({ isTTY: true }).out.style('red', 'x')).toBe('\u001b[31mx\u001b[39m')
    expect(create().out.style('red', 'x')).toBe('x')
    expect(create({ isTTY: true, env: { NO_COLOR: '1' } }).out.style('red', 'x')).toBe('x')
    expect(create({ isTTY: true, env: { TERM: 'dumb' } }).out.style('red', 'x')).toBe('x')
  })

  test('R12.5 no colour comes from a name, and nothing is hidden by one', () => {
    const { out, stdout } = create({ isTTY: true })
    out.line(`${out.style('red', '×')} a\u001b[8mb\u001b[0m\u001b]8;;http://evil.example\u001b\\c`)
    expect(stdout.text).toBe(
      '\u001b[31m×\u001b[39m' + String.raw` a\x1b[8mb\x1b[0m\x1b]8;;http://evil.example\x1b\c` + '\n',
    )
  })

  test('after its reader has gone, nothing is written', () => {
    const { out, stdout, stderr } = create({ isTTY: true })
    out.mute()
    out.line('x')
    out.warn('x')
    out.status('x')
    expect(stdout.text + stderr.text).toBe('')
  })
})

describe('the status line', () => {
  /** What a terminal would show of stderr, for text with carriage returns and "erase to the end". */
  const shown = (text: string): string[] =>
    text.split('\n').map(line => stripVTControlCharacters(line.split('\r').at(-1) ?? ''))

  test('is rewritten in place, stays below messages, and is erased in the end', () => {
    const { out, stderr } = create({ isTTY: true })
    out.status('one')
    out.warn('message')
    expect(shown(stderr.text)).toEqual(['message', 'one'])
    out.clearStatus()
    expect(shown(stderr.text)).toEqual(['message', ''])
  })

  test('never wraps: it is cut to the width, wide characters counted', () => {
    const { out, stderr } = create({ isTTY: true, columns: 20 })
    out.status('日本語'.repeat(20))
    expect(shown(stderr.text)[0]).toBe('日本語日…本語日本語')
  })

  test.each([
    [{}],
    [{ isTTY: true, json: true }],
    [{ isTTY: true, quiet: true }],
    [{ isTTY: true, env: { TERM: 'dumb' } }],
  ])('there is none with %j', options => {
    const { out, stderr } = create(options)
    out.status('one')
    expect(stderr.text).toBe('')
  })
})

describe('a session as a person sees it', () => {
  const file = (n: number): SessionEvent => ({
    type: 'file',
    path: `data/${n}.md`,
    channel: 'shared',
    action: 'pull',
    reason: 'remote-new',
  })
  const status = (state: 'syncing' | 'idle' | 'held', more = {}): SessionEvent => ({
    type: 'status',
    state,
    pending: 0,
    conflicts: 0,
    problems: 0,
    lastSyncedAt: null,
    ...more,
  })

  function show(events: readonly SessionEvent[], options: Options = {}) {
    const parts = create(options)
    const view = new SessionView(parts.context, 'my bot', { tellsStates: true })
    for (const event of events) view.show(event)
    view.end()
    return { stdout: parts.stdout.text, stderr: parts.stderr.text }
  }

  test('a file that travels is a line with its reason', () => {
    expect(show([file(1)]).stdout).toBe('12:00:00 ↓ data/1.md  received: new in the database\n')
  })

  test('in bulk files are counted, and listed again after a rest', () => {
    const bulk = Array.from({ length: 100 }, (_, n) => file(n))
    const { stdout, stderr } = show([status('syncing'), ...bulk, status('idle'), file(101)])
    expect(stdout.split('\n').filter(line => line !== '')).toHaveLength(41)
    expect(stdout).toContain('data/101.md')
    expect(stderr).toBe('… and 60 more files (--verbose lists every one)\nin step\n')
  })

  test('R6 a conflict says where both versions are, also in bulk and when quiet', () => {
    const conflict: SessionEvent = {
      type: 'file',
      path: 'data/x.md',
      channel: 'private',
      action: 'conflict',
      reason: 'both-changed',
    }
    const { stdout, stderr } = show([...Array.from({ length: 60 }, (_, n) => file(n)), conflict], {
      quiet: true,
    })
    expect(stdout).toBe('12:00:00 ! data/x.md  conflict, private: edited on both sides\n')
    expect(stderr).toContain('data/x.md.conflict')
    expect(stderr).toContain("lockstep conflicts 'my bot'")
  })

  test('R6.2 among many files a conflict is listed, and of many conflicts the way out is told once', () => {
    const conflict = (path: string): SessionEvent => {
      return { type: 'file', path, channel: 'shared', action: 'conflict', reason: 'both-changed' }
    }
    const files = Array.from({ length: 60 }, (_, n) => file(n))
    const many = Array.from({ length: 60 }, (_, n) => conflict(`data/c${n}.md`))
    const { stdout, stderr } = show([...files, ...many])
    expect(stdout).toContain('data/c0.md')
    expect(stdout).not.toContain('data/c59.md')
    expect(stderr.match(/lies beside it/g)).toHaveLength(1)
  })

  test('R8 a hold says that nothing of it is carried out, once', () => {
    const { stderr } = show([status('held'), status('held', { pending: 1 })])
    expect(stderr.match(/None of that is carried out/g)).toHaveLength(1)
    expect(stderr).toContain("lockstep status 'my bot'")
  })

  test('R13 a problem says when it is tried again', () => {
    const retryAt = new Date(2026, 4, 3, 12, 0, 9).getTime()
    const { stderr } = show([
      {
        type: 'problem',
        path: 'data/\u001b[2Jx.md',
        code: 'permission',
        message: 'No right to write.',
        retryAt,
      },
    ])
    expect(stderr).toBe('problem: data/\\x1b[2Jx.md: No right to write. Next try 12:00:09.\n')
  })

  test('on a terminal long work counts in the status line', () => {
    const { stderr } = show(
      [status('syncing'), { type: 'progress', step: 'apply', done: 1200, total: 10_000 }],
      { isTTY: true },
    )
    expect(stripVTControlCharacters(stderr)).toContain('syncing')
    expect(stderr.endsWith('\r\u001b[K')).toBe(true)
  })
})

describe('being asked to end', () => {
  function fakeProcess() {
    const listeners = new Map<string, () => void>()
    const exits: number[] = []
    return {
      exits,
      send: (signal: string) => listeners.get(signal)?.(),
      source: {
        on: (signal: string, listener: () => void) => listeners.set(signal, listener),
        off: (signal: string) => listeners.delete(signal),
        exit: (code: number) => void exits.push(code),
      },
    }
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s aborts, and an unfinished command ends with %i', (signal, code) => {
    const { source, send, exits } = fakeProcess()
    const interrupt = listenForInterrupt(source, () => {})
    expect([interrupt.signal.aborted, interrupt.exitCode()]).toEqual([false, null])
    send(signal)
    expect([interrupt.signal.aborted, interrupt.exitCode()]).toEqual([true, code])
    expect(exits).toEqual([])
  })

  test('a second SIGINT does not wait', () => {
    const { source, send, exits } = fakeProcess()
    let cleaned = 0
    listenForInterrupt(source, () => (cleaned += 1))
    send('SIGINT')
    send('SIGINT')
    expect(exits).toEqual([130])
    expect(cleaned).toBe(1)
  })
})
