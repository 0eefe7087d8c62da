/** The example of docs/adapters.md, loaded as a user's own adapter is. */
import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCustomAdapter } from '../../src/adapters/custom/load.ts'
import { writeDocsCode } from '../support/docs-code.ts'
import { adapterContract } from './adapter-contract.ts'

adapterContract('custom (a folder of JSON files)', async () => {
  const project = mkdtempSync(join(tmpdir(), 'lockstep-custom-'))
  writeDocsCode('adapters.md', project)
  const path = realpathSync(join(project, 'json-folder.mjs'))
  const files = [{ path, hash: hash('sha256', readFileSync(path), 'hex') }]
  const open = (folder: string) =>
    loadCustomAdapter(
      {
        code: { files },
        options: {
          appId: 'app',
          userId: null,
          project,
          contentRoot: join(project, 'data'),
          env: { RECORDS_FOLDER: folder },
        },
      },
      text => text,
    )
  // This device reaches the records through a link, which can be cut.
  const [here, cut] = [join(project, 'here'), join(project, 'cut')]
  mkdirSync(join(project, 'records'))
  symlinkSync('records', here)
  return {
    adapter: await open('here'),
    other: await open('records'),
    isComplete: false,
    cleanUp: async () => rmSync(project, { recursive: true, force: true }),
    cut: async () => renameSync(here, cut),
    reconnect: async () => renameSync(cut, here),
  }
})
