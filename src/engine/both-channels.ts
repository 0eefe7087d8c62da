/** A file that matches the patterns of both channels is private (R15.1), and that is told for as long as it is here. */
import type { ChannelState } from './channel-state.ts'
import type { Rules } from './core/rules.ts'
import type { Problems } from './problems.ts'

const MESSAGE =
  'The file matches shared and private patterns, so it is private. Exclude it from one list with a ! pattern.'

/** Whatever is carried out with the file, it goes on being so. To be called when it has come or gone. */
export function noteBothChannels(
  { rules, problems }: { readonly rules: Rules; readonly problems: Problems },
  state: ChannelState,
  path: string,
): void {
  if (state.channel !== 'private') return
  const found = rules.classify(path)
  const isInBoth = found.kind === 'synced' && found.alsoShared && state.local.has(path)
  if (isInBoth) problems.report({ code: 'both-channels', path, message: MESSAGE })
  else problems.clear('both-channels', path)
}
