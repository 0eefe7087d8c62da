/** What is Supabase's own, beyond the contract. One server for all of it: its database takes seconds to start. */
import { afterAll, beforeAll, describe } from 'vitest'
import { startSupabase } from '../../stand-ins/supabase/stand-in.ts'
import { testAccess } from './access.ts'
import { testFeed } from './feed.ts'
import { ANN, BOB, type Served } from './project.ts'
import { testRequests } from './requests.ts'

let served: Served | null = null

beforeAll(async () => {
  const project = await startSupabase()
  const annId = await project.signUp(ANN.email, ANN.password)
  const bobId = await project.signUp(BOB.email, BOB.password)
  served = { project, annId, bobId }
})
afterAll(() => served?.project.stop())

function all(): Served {
  if (served === null) throw new Error('the server has not started')
  return served
}

describe('access', () => {
  testAccess(all)
})
describe('requests', () => {
  testRequests(all)
})
describe('the feed', () => {
  testFeed(all)
})
