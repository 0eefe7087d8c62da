/** A text for a bug report: versions, folders and their states. No contents, no secrets, no values of .env. */
import { arch, homedir, release } from 'node:os'
import type { FolderState } from '../../contract/state.ts'
import type { About } from '../../contract/shell.ts'

export function diagnosticsText(
  about: About,
  folders: readonly FolderState[],
  log: readonly string[],
): string {
  const lines = [
    `Lockstep ${about.version}, Node ${about.node}, ${about.platform} ${release()} ${arch()}`,
    `home ${about.home}`,
    `running since ${new Date(about.startedAt).toISOString()}`,
    '',
    ...folders.flatMap(describe),
    'last lines of the log:',
    ...log,
    '',
  ]
  const home = homedir()
  // A person's name is often in it.
  return lines.map(line => (home.length > 1 ? line.replaceAll(home, '~') : line)).join('\n')
}

function describe(folder: FolderState): string[] {
  const { backend, fault, problemList } = folder
  return [
    `folder ${folder.path}`,
    `  state ${folder.state}, paused ${folder.paused}, ready ${folder.isReady}`,
    `  files ${folder.files ?? 'unknown'}, pending ${folder.pending}, conflicts ${folder.conflicts}, holds ${folder.holds}, problems ${folder.problems}`,
    ...(backend === null ? [] : [`  backend ${backend.kind}, ${backend.database}, app ${backend.appId}`]),
    ...(fault === null ? [] : [`  fault ${fault.code}: ${fault.message}`]),
    ...problemList.map(({ code, message }) => `  problem ${code}: ${message}`),
    '',
  ]
}
