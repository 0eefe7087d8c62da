/** A path whose file name always stays readable: the folder is the part that is shortened. */
import { folderOf, nameOf } from '../format/path.ts'
import { cx } from './cx.ts'

interface PathTextProps {
  readonly path: string
  readonly className?: string | undefined
}

export function PathText({ path, className }: PathTextProps) {
  const folder = folderOf(path)
  return (
    <span title={path} className={cx('flex min-w-0 items-baseline', className)}>
      {folder !== '' && <span className="min-w-6 shrink-[999] truncate text-ink-3">{folder}</span>}
      <span className="min-w-0 truncate">{nameOf(path)}</span>
    </span>
  )
}
