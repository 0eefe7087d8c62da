/** Where a fault of a folder's configuration is mended (pure). */
import type { FolderState } from '../../../contract/state.ts'
import type { FolderTab } from '../../store/route.ts'

/** Null where nothing in this page can help: the folder itself is missing. */
export function mendingTab({ code, file }: NonNullable<FolderState['fault']>): FolderTab | null {
  if (code === 'folder-missing') return null
  // Of a file that could never be read, the state knows no more than the fault does.
  const isRules = code === 'config-missing' || file?.endsWith('sync-config.json') === true
  return isRules ? 'rules' : 'backend'
}
