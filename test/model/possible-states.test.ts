/** The model itself: it allows what the rules allow, and nothing else. */
import { expect, test } from 'vitest'
import { PossibleStates, type Rest, type Value } from './possible-states.ts'

const inStep = (value: Value): Rest => ({
  record: value,
  devices: [0, 1].map(() => ({ local: value, conflict: null })),
})

function states(): PossibleStates {
  const possible = new PossibleStates(2)
  possible.write(0, null, 'first')
  possible.rest(inStep('first'))
  expect(possible.count).toBeGreaterThan(0)
  return possible
}

test('R2 an edit arrives, sooner or later', () => {
  const possible = states()
  possible.write(0, 'first', 'second')
  possible.read(1, 'first')
  possible.read(1, 'second')
  possible.rest(inStep('second'))
  expect(possible.count).toBeGreaterThan(0)
})

test('R1 R2 an edit that goes back by itself is impossible', () => {
  const possible = states()
  possible.write(0, 'first', 'second')
  possible.rest(inStep('first'))
  expect(possible.count).toBe(0)
})

test('R4 what was seen on the other device is not unseen there', () => {
  const possible = states()
  possible.write(0, 'first', 'second')
  possible.read(1, 'second')
  possible.read(1, 'first')
  expect(possible.count).toBe(0)
})

test('R6 two different edits are a conflict on the device that comes later, and nowhere else', () => {
  const edited = (): PossibleStates => {
    const possible = states()
    possible.write(0, 'first', 'mine')
    possible.write(1, 'first', 'yours')
    return possible
  }
  const conflict = { base: 'first', local: 'yours', remote: 'mine' }
  const seen = edited()
  seen.rest({
    record: 'mine',
    devices: [
      { local: 'mine', conflict: null },
      { local: 'yours', conflict },
    ],
  })
  expect(seen.count).toBeGreaterThan(0)
  const winner = edited()
  winner.rest(inStep('mine'))
  expect(winner.count).toBe(0)
})

test('R7 an edit beats a delete', () => {
  const possible = states()
  possible.write(0, 'first', null)
  possible.write(1, 'first', 'edited')
  possible.rest(inStep('edited'))
  expect(possible.count).toBeGreaterThan(0)
  possible.write(0, 'edited', null)
  possible.write(1, 'edited', 'again')
  possible.rest(inStep(null))
  expect(possible.count).toBe(0)
})

test('R4 a push that a kill has kept from being recorded may become a conflict, a pull may not', () => {
  const conflict = { base: 'first', local: 'mine', remote: 'yours' }
  const seen: Rest = {
    record: 'yours',
    devices: [
      { local: 'mine', conflict },
      { local: 'yours', conflict: null },
    ],
  }
  const pushed = states()
  pushed.write(0, 'first', 'mine')
  pushed.read(1, 'mine')
  pushed.kill(0)
  pushed.write(1, 'mine', 'yours')
  pushed.start(0)
  pushed.rest(seen)
  expect(pushed.count).toBeGreaterThan(0)
  const pulled = states()
  pulled.write(1, 'first', 'mine')
  pulled.read(0, 'mine')
  pulled.kill(0)
  pulled.write(1, 'mine', 'yours')
  pulled.start(0)
  pulled.rest(seen)
  expect(pulled.count).toBe(0)
})
