import { ORPCError } from '@orpc/server'
import { expect, test } from 'vitest'
import { appState } from '../../test/support/app-state.ts'
import type { FromHost } from './protocol.ts'
import { RemoteShell } from './remote-shell.ts'

function shell() {
  const sent: FromHost[] = []
  return { sent, shell: new RemoteShell(appState([]).shell, message => sent.push(message)) }
}

test('each question gets its own answer, in whatever order they come', async () => {
  const { sent, shell: remote } = shell()
  const [first, second] = [remote.pickFolder(), remote.pickFolder()]
  expect(sent).toEqual([
    { type: 'ask', id: 1, question: { call: 'pickFolder' } },
    { type: 'ask', id: 2, question: { call: 'pickFolder' } },
  ])
  remote.take(2, { picked: '/projects/b' })
  remote.take(1, { picked: null })
  remote.take(1, { picked: '/projects/late' })
  expect(await Promise.all([first, second])).toEqual([null, '/projects/b'])
})

test('what the shell could not do is refused with its sentence', async () => {
  const { shell: remote } = shell()
  const opened = remote.open('/projects/a')
  remote.take(1, { failure: 'The system could not open it: no program' })
  const error: unknown = await opened.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ORPCError)
  expect(error).toMatchObject({ code: 'REFUSED', message: 'The system could not open it: no program' })
})
