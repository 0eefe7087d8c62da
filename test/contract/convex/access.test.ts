/** Who may call, and what a person reads where the deployment is not what it should be. */
import { inspect } from 'node:util'
import { defineSchema, mutationGeneric, queryGeneric } from 'convex/server'
import { v } from 'convex/values'
import { expect, test } from 'vitest'
import { createConvexAdapter } from '../../../src/adapters/convex/adapter.ts'
import * as shipped from '../../../src/adapters/convex/functions/files.ts'
import { lockstepTables } from '../../../src/adapters/convex/functions/lockstep/tables.ts'
import { createRemoteStore } from '../../../src/adapters/remote-store.ts'
import { AdapterError } from '../../../src/engine/ports/adapter.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import { until } from '../../support/until.ts'
import { allHeads, insertion, openAdapter, startStandIn, statuses } from './stand-in.ts'

const KEY = 'a-key-nobody-may-see'

async function failureOf(call: Promise<unknown>): Promise<AdapterError> {
  const error = await call.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(error instanceof AdapterError)) throw new Error(`no AdapterError but ${inspect(error)}`)
  return error
}

function showsNothingOf(secret: string, error: unknown): boolean {
  return !inspect(error, { depth: 10, showHidden: true }).includes(secret)
}

test('with the right key everything works, and nothing has to be warned of', async () => {
  const adapter = openAdapter(await startStandIn({ syncKey: KEY }), { syncKey: KEY })
  expect(statuses(await adapter.commit([insertion('data/a.md')]))).toEqual(['done'])
  expect(
    createRemoteStore(adapter, { appId: 'app', ownerId: 'shared' }, { clock: nodeClock }).caveats,
  ).toEqual([])
})

test.each([null, 'another-key', `${KEY}-and-more`, KEY.slice(1), ''])(
  'R12 with the key %j a guarded deployment is "denied", whatever is called',
  async syncKey => {
    const server = await startStandIn({ syncKey: KEY, isRedacting: true })
    const adapter = openAdapter(server, { syncKey })
    const error = await failureOf(allHeads(adapter))
    expect(error).toMatchObject({ code: 'denied', retryable: false })
    expect(error.message).toMatch(/CONVEX_SYNC_KEY.*npx convex env set/s)
    await expect(adapter.commit([insertion('data/a.md')])).rejects.toMatchObject({ code: 'denied' })
    await expect(adapter.get('app:data/a.md')).rejects.toMatchObject({ code: 'denied' })
    await expect(adapter.set('app:data/a.md', {})).rejects.toMatchObject({ code: 'denied' })
    if (syncKey !== null && syncKey !== '') expect(showsNothingOf(syncKey, error)).toBe(true)
    expect(showsNothingOf(KEY, error)).toBe(true)
  },
)

test('R12 each function asks for the key by itself, not only the one that is asked first', async () => {
  const server = await startStandIn({ syncKey: KEY })
  const channel = { app: 'app', ownerId: 'shared' }
  const calls: readonly (readonly ['query' | 'mutation', string, object])[] = [
    ['query', 'list', channel],
    ['query', 'get', { id: 'x' }],
    ['mutation', 'upsert', { id: 'x' }],
    ['mutation', 'remove', { id: 'x' }],
    ['query', 'identity', {}],
    ['mutation', 'name', { name: 'x', insteadOf: null }],
    ['query', 'heads', { ...channel, after: null }],
    ['query', 'records', { ids: ['x'] }],
    ['mutation', 'commit', { operation: 'x', writes: [] }],
    ['mutation', 'settle', { operations: [] }],
    ['query', 'changes', { ...channel, after: null }],
    ['mutation', 'adopt', { ids: [] }],
    ['query', 'scan', { ...channel, after: null }],
    ['mutation', 'repair', { ...channel, after: null }],
  ]
  const exported = Object.keys(shipped).filter(name => name !== 'version')
  expect(calls.map(([, name]) => name).toSorted()).toEqual(exported.toSorted())
  for (const [kind, name, args] of calls) {
    const outcome = await server.deployment.exclusive(run =>
      run(kind, `files:${name}`, { ...args, key: 'wrong' }),
    )
    expect(outcome, name).toMatchObject({ success: false, errorData: { code: 'denied' } })
  }
})

test('R12 a deployment without a key works, and the app is told what that means', async () => {
  const adapter = openAdapter(await startStandIn(), { syncKey: KEY })
  const store = createRemoteStore(adapter, { appId: 'app', ownerId: 'shared' }, { clock: nodeClock })
  expect(store.caveats).toEqual([])
  await allHeads(adapter)
  expect(store.caveats.join()).toMatch(/no CONVEX_SYNC_KEY.*whoever knows its URL/)
})

test.each([true, false])(
  'R12 a deployment without the functions is "schema", and says what to run (texts withheld: %s)',
  async isRedacting => {
    const adapter = openAdapter(await startStandIn({ functions: null, isRedacting }))
    const error = await failureOf(allHeads(adapter))
    expect(error).toMatchObject({ code: 'schema', retryable: false })
    expect(error.message).toMatch(/lockstep setup convex.*npx convex (?:dev|deploy)/)
  },
)

test('R12 older functions are "schema", and so are others that happen to be called files', async () => {
  const version = queryGeneric({
    args: { key: v.optional(v.string()) },
    handler: () => ({ product: 'lockstep', version: 0, access: 'granted', missing: [] }),
  })
  const older = openAdapter(await startStandIn({ functions: { ...shipped, version } }))
  expect(await failureOf(allHeads(older))).toMatchObject({ code: 'schema' })
  const list = queryGeneric({ args: {}, handler: () => [] })
  const others = openAdapter(await startStandIn({ functions: { list }, isRedacting: true }))
  expect((await failureOf(allHeads(others))).message).toMatch(/lockstep setup convex/)
})

test('R12 functions that take other arguments are "schema", and the key that their complaint quotes is in no error', async () => {
  const commit = mutationGeneric({ args: { nothing: v.string() }, handler: () => null })
  const server = await startStandIn({ functions: { ...shipped, commit }, syncKey: KEY })
  const adapter = openAdapter(server, { syncKey: KEY })
  const error = await failureOf(adapter.commit([insertion('data/a.md')]))
  expect(error.code).toBe('schema')
  server.deployment.failNext('files:heads', `It was called with {"key":"${KEY}"}`)
  const other = await failureOf(allHeads(adapter))
  expect(other.code).toBe('unknown')
  expect([showsNothingOf(KEY, error), showsNothingOf(KEY, other)]).toEqual([true, true])
})

test('R12 a schema without our tables is "schema", and names the line that it needs', async () => {
  const { lockstepGone: _, ...tables } = lockstepTables
  const adapter = openAdapter(await startStandIn({ schema: defineSchema(tables), isRedacting: true }))
  const error = await failureOf(allHeads(adapter))
  expect(error.code).toBe('schema')
  expect(error.message).toMatch(/lacks lockstepGone\.by_seq\..*\.\.\.lockstepTables/)
})

test('R13 once the functions are deployed, the next try finds them', async () => {
  const server = await startStandIn()
  const functions: Record<string, unknown> = {}
  const late = await startStandIn({ functions })
  const adapter = openAdapter(late)
  await failureOf(allHeads(adapter))
  Object.assign(functions, shipped)
  expect(await allHeads(adapter)).toEqual([])
  await server.close()
})

test.each(['https://happy-animal-123.convex.site', 'https://'])(
  'R12 the URL %s is "invalid", and the message shows one that is not',
  async url => {
    const adapter = createConvexAdapter({ url, syncKey: null, clock: nodeClock })
    const error = await failureOf(allHeads(adapter))
    expect(error).toMatchObject({ code: 'invalid', retryable: false })
    expect(error.message).toMatch(/\.convex\.cloud/)
    const errors: unknown[] = []
    adapter.watchHeads(
      'app',
      'shared',
      () => {},
      error => errors.push(error),
    )
    await until(() => errors.length > 0, 'an error of the feed')
    await adapter.dispose()
  },
)

test('nothing that the client or the functions say is printed', async () => {
  const printed: unknown[] = []
  const stop = (['log', 'warn', 'error', 'info', 'debug'] as const).map(name => {
    const before = console[name]
    console[name] = (...words: unknown[]) => void printed.push(words)
    return () => void (console[name] = before)
  })
  try {
    const server = await startStandIn({ syncKey: KEY })
    const adapter = openAdapter(server, { syncKey: KEY })
    await allHeads(adapter)
    server.deployment.failNext('files:heads', `leaked ${KEY}`)
    await failureOf(allHeads(adapter))
    server.interrupt()
    await allHeads(adapter)
  } finally {
    for (const restore of stop) restore()
  }
  expect(printed).toEqual([])
})
