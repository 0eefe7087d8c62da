/** Whether a folder is held because it was kept in step as another app (R4.11). */
import type { FolderState } from '../../../contract/state.ts'
import type { Problem } from '../../../contract/words.ts'

/** Null where the folder has the name that it had. */
export function appChangeOf({ problemList }: FolderState): Problem | null {
  return problemList.find(({ code }) => code === 'app-changed') ?? null
}
