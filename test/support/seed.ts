/** Chance for a test of real processes: the seed is printed, and can be given again by LOCKSTEP_SEED. */
import { createRandom, type Random } from '../fakes/random.ts'

export function seeded(what: string, salt = 0): Random {
  const given = process.env['LOCKSTEP_SEED']
  const seed = given === undefined ? (Date.now() + salt * 7_919) % 2 ** 31 : Number(given)
  console.log(`${what}: LOCKSTEP_SEED=${seed}`)
  return createRandom(seed)
}
