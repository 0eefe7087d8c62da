/** What is to be done at the database before the first sync: to read, to copy, or to be written into the project. */
import { ExternalLink, FilePlus2 } from 'lucide-react'
import { useState } from 'react'
import type { BackendInfo, SetupHelp, Target } from '../../../contract/backend.ts'
import { attempt } from '../../connection/attempt.ts'
import { listed } from '../../format/quantity.ts'
import { useAppState } from '../../store/app.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { cx } from '../../ui/cx.ts'
import { Summary } from '../../ui/summary.tsx'
import { note } from '../../ui/toasts.tsx'

const texts = strings.backend

interface SetupHelpProps {
  readonly info: BackendInfo
  readonly target: Target
}

export function SetupHelpList({ info, target }: SetupHelpProps) {
  if (info.setup.length === 0) return null
  return (
    <section aria-label={texts.setup} className="flex flex-col gap-4 border-t border-line pt-6">
      <h3 className="font-semibold">{texts.setup}</h3>
      {info.setup.map(help =>
        help.kind === 'link' ? (
          <Link key={help.title} title={help.title} url={help.url} />
        ) : (
          <details key={help.title} open={help.kind === 'note'} className="group">
            <Summary>{help.title}</Summary>
            <Help help={help} info={info} target={target} />
          </details>
        ),
      )}
    </section>
  )
}

function Help({
  help,
  info,
  target,
}: SetupHelpProps & { readonly help: Exclude<SetupHelp, { kind: 'link' }> }) {
  switch (help.kind) {
    case 'note':
      return <p className="mt-1 text-ink-2">{help.text}</p>
    case 'code':
      return (
        <>
          <p className="mt-1 mb-3 text-ink-2">{help.text}</p>
          <CodeBlock title={help.language} text={help.code} />
        </>
      )
    case 'files':
      return <SetupFiles help={help} info={info} target={target} />
  }
}

interface SetupFilesProps extends SetupHelpProps {
  readonly help: Extract<SetupHelp, { kind: 'files' }>
}

function SetupFiles({ help, info, target }: SetupFilesProps) {
  const work = useWork()
  const [next, setNext] = useState<readonly string[]>([])
  const write = () =>
    work.run(
      host => host.backend.writeSetupFiles({ target, kind: info.kind }),
      answer => {
        setNext(answer.next)
        note(
          texts.filesWritten(answer.written.length),
          answer.exists.length > 0 ? texts.filesExist(listed(answer.exists)) : undefined,
        )
      },
    )
  return (
    <>
      <p className="mt-1 mb-3 text-ink-2">{help.text}</p>
      <div className="flex flex-col gap-3">
        {help.files.map(file => (
          <CodeBlock key={file.path} title={file.path} text={file.content} />
        ))}
      </div>
      <Button icon={FilePlus2} busy={work.isBusy} onClick={write} className="mt-3">
        {texts.writeFiles}
      </Button>
      {next.length > 0 && (
        <Callout live tone="info" className="mt-3" title={texts.filesNext}>
          <ul className="flex flex-col gap-1 font-mono text-xs break-words">
            {next.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Callout>
      )}
      {work.failure !== null && (
        <Callout live tone="bad" className="mt-3" title={strings.failure.title}>
          {work.failure}
        </Callout>
      )}
    </>
  )
}

/** In a browser a link; in the desktop app the host opens it, for the window never leaves its page. */
function Link({ title, url }: { readonly title: string; readonly url: string }) {
  const isBrowser = useAppState()?.shell.kind === 'daemon'
  if (!isBrowser) {
    return (
      <Button
        icon={ExternalLink}
        className="self-start"
        onClick={() => attempt(host => host.shell.openExternal({ url }))}
      >
        {title}
      </Button>
    )
  }
  return (
    <a href={url} target="_blank" rel="noreferrer noopener" className={cx(buttonClass(), 'self-start')}>
      <ExternalLink aria-hidden className="size-4" strokeWidth={1.75} />
      {title}
    </a>
  )
}
