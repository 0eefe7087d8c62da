import { expect, test } from 'vitest'
import { type Handover, refusalOf } from './port-guard.ts'

const OWN = 'app://lockstep'
const frame = { origin: OWN, parent: null }
const good: Handover = { sender: { id: 1 }, senderFrame: frame, ports: [{}] }

test('the top frame of our window, on our origin, with one port', () => {
  expect(refusalOf(good, 1, OWN)).toBeNull()
})

test.each<[string, Partial<Handover>, number | null]>([
  ['another window', { sender: { id: 2 } }, 1],
  ['a window that is gone', {}, null],
  ['a frame that is gone', { senderFrame: null }, 1],
  ['an embedded frame', { senderFrame: { ...frame, parent: frame } }, 1],
  ['another origin', { senderFrame: { ...frame, origin: 'https://lockstep' } }, 1],
  ['an origin that only begins like ours', { senderFrame: { ...frame, origin: `${OWN}.example` } }, 1],
  ['no port', { ports: [] }, 1],
  ['two ports', { ports: [{}, {}] }, 1],
])('%s is refused', (_, some, windowId) => {
  expect(refusalOf({ ...good, ...some }, windowId, OWN)).toMatch(/^it|its/)
})
