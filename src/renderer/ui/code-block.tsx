/** Text for a machine: to be read and copied, not edited. */
import { escaped } from '../../contract/shown.ts'
import { CopyButton } from './copy-button.tsx'
import { NameText } from './name-text.tsx'

interface CodeBlockProps {
  readonly title: string
  readonly text: string
}

export function CodeBlock({ title, text }: CodeBlockProps) {
  return (
    <figure className="overflow-hidden rounded-lg border border-line">
      <figcaption className="flex h-9 items-center justify-between gap-2 border-b border-line bg-sunken pr-1 pl-3">
        <span className="truncate font-mono text-sm text-ink-2">
          <NameText name={title} />
        </span>
        <CopyButton text={text} />
      </figcaption>
      <pre
        // A long text scrolls by the keyboard too.
        tabIndex={0}
        aria-label={escaped(title)}
        className="max-h-64 overflow-auto bg-raised p-3 font-mono text-xs leading-5 outline-offset-[-2px]"
      >
        {text}
      </pre>
    </figure>
  )
}
