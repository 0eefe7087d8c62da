/** A path whose file name always stays readable: the folder is the part that is shortened. */
import { escaped } from '../../contract/shown.ts'
import { folderOf, nameOf } from '../format/path.ts'
import { cx } from './cx.ts'
import { NameText } from './name-text.tsx'

interface PathTextProps {
  readonly path: string
  readonly className?: string | undefined
}

export function PathText({ path, className }: PathTextProps) {
  const folder = folderOf(path)
  return (
    <span title={escaped(path)} className={cx('flex min-w-0 items-baseline', className)}>
      {folder !== '' && (
        <span className="min-w-6 shrink-[999] truncate text-ink-3">
          <NameText name={folder} />
        </span>
      )}
      <span className="min-w-0 truncate">
        <NameText name={nameOf(path)} />
      </span>
    </span>
  )
}
