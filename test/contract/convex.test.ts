/**
 * The contract, by Convex's own client. By default against the shipped functions under convex-test, behind a
 * server of ours (test/stand-ins/convex), which proves the functions' logic within Convex's limits and the
 * adapter's dealings with client and protocol. It cannot prove how Convex itself carries out mutations that
 * collide, its one-second limit, or its prices. With CONVEX_TEST_URL (and CONVEX_SYNC_KEY, if it has one) the
 * same cases run against a real deployment, whose records of the app "app" they delete.
 */
import { createConvexAdapter } from '../../src/adapters/convex/adapter.ts'
import { nodeClock } from '../../src/platform/node-clock.ts'
import { ConvexStandIn } from '../stand-ins/convex/server.ts'
import { adapterContract, type AdapterHarness } from './adapter-contract.ts'
import { emptyDeployment } from './convex/real-deployment.ts'

const SECRET = 'the-key-that-is-wrong'

const realUrl = process.env['CONVEX_TEST_URL']

adapterContract('Convex', () => (realUrl === undefined ? openStandIn() : openReal(realUrl)))

async function openStandIn(): Promise<AdapterHarness> {
  const server = await ConvexStandIn.start()
  const others: ConvexStandIn[] = []
  const open = (url: string, syncKey: string | null = null) =>
    createConvexAdapter({ url, syncKey, clock: nodeClock })
  const startOther = async (options: Parameters<typeof ConvexStandIn.start>[0]) => {
    const other = await ConvexStandIn.start(options)
    others.push(other)
    return other
  }
  return {
    adapter: open(server.url('here')),
    other: open(server.url('there')),
    isComplete: true,
    cut: async () => server.cut('here'),
    reconnect: async () => server.restore('here'),
    openDenied: async () => {
      const guarded = await startOther({ syncKey: 'the-key' })
      return { adapter: open(guarded.url(), SECRET), secret: SECRET }
    },
    openWithoutTable: async () => open((await startOther({ functions: null, isRedacting: true })).url()),
    cleanUp: async () => {
      await server.close()
      for (const other of others) await other.close()
    },
  }
}

async function openReal(url: string): Promise<AdapterHarness> {
  const syncKey = process.env['CONVEX_SYNC_KEY'] ?? null
  const open = () => createConvexAdapter({ url, syncKey, clock: nodeClock })
  await emptyDeployment(open)
  return { adapter: open(), other: open(), isComplete: true, cleanUp: () => emptyDeployment(open) }
}
