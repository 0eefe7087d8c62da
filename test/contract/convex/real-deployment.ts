/** What the contract suite leaves behind on a real deployment (CONVEX_TEST_URL). */
import type { ConvexAdapter } from '../../../src/adapters/convex/adapter.ts'

/** The owners that the suite uses. */
const OWNERS = ['shared', 'ann', 'bob']

export async function emptyDeployment(open: () => ConvexAdapter): Promise<void> {
  const adapter = open()
  try {
    for (const owner of OWNERS) await emptyChannel(adapter, owner)
  } finally {
    await adapter.dispose()
  }
}

async function emptyChannel(adapter: ConvexAdapter, owner: string): Promise<void> {
  for (let after: string | null = null; ;) {
    const { heads, next } = await adapter.heads('app', owner, after)
    await adapter.commit(
      heads.map(({ id, etag, lastUpdated }) => ({ type: 'delete', id, expected: { etag, lastUpdated } })),
    )
    if (next === null) return
    after = next
  }
}
