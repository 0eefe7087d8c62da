/** LOCKSTEP_HOME, for the programs around a host. */
import type { Environment } from '../../engine/core/settings.ts'
import { lockstepHome } from '../../platform/home.ts'

export function homeOf(env: Environment): string {
  return lockstepHome(env)
}
