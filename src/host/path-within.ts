/** A path of this machine as the engine names it, relative to a project. */
import { isAbsolute, relative, sep } from 'node:path'

/** With `/`; null where it lies elsewhere, or is the folder itself. */
export function pathWithin(folder: string, path: string): string | null {
  const inside = relative(folder, path)
  const isElsewhere = inside === '' || inside.split(sep)[0] === '..' || isAbsolute(inside)
  return isElsewhere ? null : inside.split(sep).join('/')
}
