/**
 * Joins the words of one session after the other, and of what lies between them, into those of one engine:
 * what keeps a session from running stands as a problem of the folder, and is counted as one (R12).
 */
import type { Problem, ProblemCode } from '../engine/core/problem.ts'
import type { SessionEvent, SessionState, Status } from '../engine/status.ts'

const STATES: Partial<Record<ProblemCode, SessionState>> = {
  'root-missing': 'held',
  'switched-off': 'paused',
  offline: 'offline',
  busy: 'offline',
}

/** In these a session has not yet shown that it can do its work. */
const PASSING: ReadonlySet<SessionState> = new Set(['starting', 'scanning', 'syncing'])

/** They are over when a session has shown that it can do its work. */
const LASTING: ReadonlySet<ProblemCode> = new Set(['state-failed', 'engine-failed'])

/** Codes of problems that no session tells of. */
export const ENGINE_PROBLEMS: ReadonlySet<ProblemCode> = new Set([
  'folder-missing',
  'held-elsewhere',
  'state-failed',
  'state-moved',
  'state-damaged',
  'engine-failed',
])

export interface Listener {
  readonly onEvent: (event: SessionEvent) => void
  /** What is wrong with the folder as a whole now, at each change. */
  readonly onFolderProblems: (problems: readonly Problem[]) => void
}

export class Speaker {
  readonly #listener: Listener
  #wasReady = false
  #status: Status = { state: 'starting', pending: 0, conflicts: 0, problems: 0, lastSyncedAt: null }
  #standing: Problem | null = null
  readonly #notices = new Map<ProblemCode, Problem>()
  #told = '[]'
  /** Of the session that runs. */
  readonly #ofSession = new Map<ProblemCode, Problem>()

  constructor(listener: Listener) {
    this.#listener = listener
  }

  /** An event of a session. */
  readonly say = (event: SessionEvent): void => {
    if (event.type === 'ready' && this.#wasReady) return
    if (event.type === 'ready') this.#wasReady = true
    if (event.type === 'status') return this.#sayStatus(event)
    if (event.type === 'problem' && event.path === undefined) this.#ofSession.set(event.code, event)
    if (event.type === 'recovered' && event.path === undefined) this.#ofSession.delete(event.code)
    this.#listener.onEvent(event)
    if (event.type === 'problem' || event.type === 'recovered') this.#tellFolder()
  }

  /** What keeps any session from running now, or null. */
  stand(problem: Problem | null): void {
    const former = this.#standing
    this.#standing = problem
    if (former !== null && former.code !== problem?.code)
      this.#listener.onEvent({ type: 'recovered', code: former.code })
    if (problem !== null) {
      this.#ofSession.clear()
      const isNews = former?.message !== problem.message || former.retryAt !== problem.retryAt
      if (isNews) this.#listener.onEvent({ type: 'problem', ...problem })
      this.#status = { ...this.#status, state: STATES[problem.code] ?? 'error', problems: this.#ownProblems }
      if (isNews) this.#listener.onEvent({ type: 'status', ...this.#status })
    }
    this.#tellFolder()
  }

  /** Something that has happened to the engine: it is told until the engine ends. */
  notice(problem: Problem): void {
    this.#notices.set(problem.code, problem)
    this.#listener.onEvent({ type: 'problem', ...problem })
    this.#tellFolder()
  }

  #sayStatus(status: Status): void {
    if (status.state === 'starting') this.#ofSession.clear()
    const isLasting = this.#standing !== null && LASTING.has(this.#standing.code)
    if (!isLasting || !PASSING.has(status.state)) this.stand(null)
    this.#status = { ...status, problems: status.problems + this.#ownProblems }
    this.#listener.onEvent({ type: 'status', ...this.#status })
  }

  get #ownProblems(): number {
    return this.#notices.size + (this.#standing === null ? 0 : 1)
  }

  #tellFolder(): void {
    const standing = this.#standing === null ? [] : [this.#standing]
    const problems = [...standing, ...this.#notices.values(), ...this.#ofSession.values()].map(plain)
    const text = JSON.stringify(problems)
    if (text === this.#told) return
    this.#told = text
    this.#listener.onFolderProblems(problems)
  }
}

/** Without what makes it an event. */
function plain({ code, message, retryAt }: Problem): Problem {
  return retryAt === undefined ? { code, message } : { code, message, retryAt }
}
