/** A folder that FILE_SYNC_ENABLED switches off: what is said of it, without a look at its database. */
import type { Problem } from '../engine/core/problem.ts'
import type { Environment } from '../engine/core/settings.ts'
import type { EngineHolder, Explanation } from '../engine/report.ts'
import type { Project } from './project.ts'

/** Null where sync is on. `env` is the real environment, whose variables win over those of .env. */
export function switchedOffProblem({ settings, env: merged }: Project, env: Environment): Problem | null {
  if (settings.enabled) return null
  const isReal = (env['FILE_SYNC_ENABLED'] ?? '').trim() !== ''
  const where = isReal ? 'in the environment' : 'in .env'
  const advice = isReal ? 'Unset that variable to go on.' : 'Remove that line to go on.'
  return {
    code: 'switched-off',
    message: `FILE_SYNC_ENABLED=${merged['FILE_SYNC_ENABLED']?.trim()} ${where}: nothing syncs here. ${advice}`,
  }
}

/** Of an engine that says so of itself, while nothing that can be seen from outside does. */
export function engineOff({ pid, command }: EngineHolder): Problem {
  const message =
    `The engine that runs here (process ${pid}, ${command}) is paused: FILE_SYNC_ENABLED=false in its environment. ` +
    'Start it again without that variable to go on.'
  return { code: 'switched-off', message }
}

/** Of a session that has looked at nothing: what decides about the file stays so, all else waits. */
export function whileOff(explanation: Explanation, { message }: Problem): Explanation {
  const { state, reason, channel } = explanation
  if (channel === null && state !== 'off') return { ...explanation, reason: `${reason} Also, ${message}` }
  return { ...explanation, state: 'paused', reason: message, waiting: null }
}
