import { beforeEach, expect, test } from 'vitest'
import type { Problem } from '../engine/core/problem.ts'
import type { SessionEvent, SessionState } from '../engine/status.ts'
import { Speaker } from './speaker.ts'

const FULL: Problem = { code: 'state-failed', message: 'The disk is full.', retryAt: 1 }
const BROKEN: Problem = { code: 'config-invalid', message: 'It is broken.' }

let events: SessionEvent[]
let told: readonly Problem[]
let speaker: Speaker

beforeEach(() => {
  events = []
  told = []
  speaker = new Speaker({
    onEvent: event => events.push(event),
    onFolderProblems: problems => (told = problems),
  })
})

function status(state: SessionState, problems = 0): SessionEvent {
  return { type: 'status', state, pending: 0, conflicts: 0, problems, lastSyncedAt: null }
}

function said(): string[] {
  return events.splice(0).map(event => {
    if (event.type === 'status') return `${event.state} ${event.problems}`
    return 'code' in event ? `${event.type} ${event.code}` : event.type
  })
}

test('R13.2 a failed state stands until a session has come to rest, and is counted meanwhile', () => {
  speaker.stand(FULL)
  expect(said()).toEqual(['problem state-failed', 'error 1'])
  for (const state of ['starting', 'scanning', 'syncing'] as const) speaker.say(status(state))
  expect(said()).toEqual(['starting 1', 'scanning 1', 'syncing 1'])
  speaker.stand({ ...FULL, retryAt: 2 })
  expect(said()).toEqual(['problem state-failed', 'error 1'])
  speaker.say(status('starting'))
  speaker.say(status('idle'))
  expect(said()).toEqual(['starting 1', 'recovered state-failed', 'idle 0'])
})

test('a broken configuration is over when a session begins', () => {
  speaker.stand(BROKEN)
  expect(said()).toEqual(['problem config-invalid', 'error 1'])
  speaker.say(status('starting'))
  expect(said()).toEqual(['recovered config-invalid', 'starting 0'])
})

test('what is looked at again and again is told once', () => {
  const held: Problem = { code: 'held-elsewhere', message: 'Process 7 keeps it.' }
  for (let look = 0; look < 3; look++) speaker.stand(held)
  expect(said()).toEqual(['problem held-elsewhere', 'error 1'])
})

test('R12.1 what is wrong with the folder is told as a whole, and no more than that', () => {
  speaker.notice({ code: 'state-moved', message: 'It was removed.' })
  speaker.say(status('starting'))
  speaker.say({ type: 'problem', code: 'watch-limit', message: 'Too many.' })
  speaker.say({ type: 'problem', code: 'permission', path: 'data/x', message: 'No.' })
  expect(told).toEqual([
    { code: 'state-moved', message: 'It was removed.' },
    { code: 'watch-limit', message: 'Too many.' },
  ])
  speaker.say(status('idle', 2))
  expect(said().at(-1)).toBe('idle 3')
  // The next session tells of it anew, if it is still so.
  speaker.say(status('starting'))
  speaker.say({ type: 'recovered', code: 'watch-failed' })
  expect(told).toEqual([{ code: 'state-moved', message: 'It was removed.' }])
})
