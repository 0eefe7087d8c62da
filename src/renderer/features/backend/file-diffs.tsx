/** Exactly what saving changes in the settings files, secrets masked by the host. */
import type { FileDiff } from '../../../contract/words.ts'
import { strings } from '../../strings.ts'
import { NameText } from '../../ui/name-text.tsx'
import { DiffLines } from '../../ui/diff-lines.tsx'

const texts = strings.backend

export function FileDiffs({ files }: { readonly files: readonly FileDiff[] }) {
  return (
    <div className="flex flex-col gap-4">
      {files.map(file => (
        <section key={file.file}>
          <h3 className="flex items-baseline gap-2 pb-2">
            <code className="font-mono text-sm font-medium">
              <NameText name={file.file} />
            </code>
            {file.kind !== 'changed' && (
              <span className="text-sm font-normal text-ink-3">
                {file.kind === 'created' ? texts.created : texts.unchanged}
              </span>
            )}
          </h3>
          {file.kind !== 'unchanged' && <DiffLines lines={file.lines} label={file.file} />}
        </section>
      ))}
    </div>
  )
}
