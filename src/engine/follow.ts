/** Follows what watcher and feeds report. Each report is a hint only: it marks what must be looked at (R4). */
import type { ChannelState } from './channel-state.ts'
import { type Context, noteHint } from './context.ts'
import { disconnected } from './observe-remote.ts'
import { AdapterError } from './ports/adapter.ts'
import type { Watcher } from './ports/watcher.ts'

/** Follows a channel's feed, and starts it anew when it has ended, until the returned function is called. */
export function followRemote(context: Context, state: ChannelState, wake: () => void): () => void {
  let stop: () => void = () => {}
  let isOver = false
  const start = (): void => {
    if (isOver) return
    stop = state.store.subscribe(
      hint => {
        if (hint === 'everything') state.dirtyRemote = 'everything'
        else if (!hint.map(({ path, head, refused }) => state.hint(path, refused ?? head)).includes(true))
          return
        wake()
      },
      error => {
        stop()
        state.dirtyRemote = 'everything'
        disconnected(context, state, asAdapterError(error))
        const { clock } = context.ports
        const wait = Math.max(0, (state.connection?.nextAt ?? 0) - clock.now())
        void clock.sleep(wait, context.signal).then(start)
        wake()
      },
    )
  }
  start()
  return () => {
    isOver = true
    stop()
  }
}

function asAdapterError(error: unknown): AdapterError {
  if (error instanceof AdapterError) return error
  return new AdapterError('unknown', String(error), { retryable: true, cause: error })
}

/** Resolves once changes are reported. What changed before that was seen by nobody, so everything is dirty then. */
export async function followLocal(context: Context, watcher: Watcher, wake: () => void): Promise<void> {
  const { rules, dirt, problems } = context
  const onOverflow = (): void => {
    dirt.markEverything()
    wake()
  }
  try {
    await watcher.start(
      { folders: rules.scanBases, prunes: folder => rules.prunes(folder) },
      {
        onOverflow,
        onDirty: paths => {
          for (const path of paths) noteHint(context, path)
          wake()
        },
        onTrouble: problem => {
          if (problem !== null) return problems.report(problem)
          problems.clear('watch-limit')
          problems.clear('watch-failed')
        },
      },
    )
  } catch (error) {
    const message = `Changes are not reported (${String(error)}); the folder is looked at every few minutes.`
    problems.report({ code: 'watch-failed', message })
  }
  onOverflow()
}
