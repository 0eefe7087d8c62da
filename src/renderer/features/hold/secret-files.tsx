/** Files that are not sent for what they hold (R10.12): what was found, and the two ways out beside an edit of the file. */
import { Ban, Send } from 'lucide-react'
import { useState } from 'react'
import type { HoldRow } from '../../../contract/files.ts'
import { staleData } from '../../connection/failure.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { PathText } from '../../ui/path-text.tsx'
import { note } from '../../ui/toasts.tsx'

const texts = strings.hold.secrets

interface SecretFilesProps {
  readonly folderId: string
  readonly rows: readonly HoldRow[]
  /** Stands for all that is held as it was shown. */
  readonly token: string
  /** Something else is held by now, and nothing was done. */
  readonly onStale: () => void
}

export function SecretFiles({ folderId, rows, token, onStale }: SecretFilesProps) {
  const work = useWork()
  const [asked, setAsked] = useState<{ readonly row: HoldRow; readonly token: string } | null>(null)
  const onError = (error: unknown): boolean => {
    if (staleData(error) === null) return false
    setAsked(null)
    onStale()
    return true
  }
  const allow = (path: string, token: string) =>
    work.run(
      host => host.holds.approve({ folderId, token, only: [path] }),
      () => {
        setAsked(null)
        note(texts.allowed)
      },
      onError,
    )
  const exclude = (path: string) =>
    work.run(
      host => host.holds.exclude({ folderId, token, only: [path] }),
      () => note(texts.excluded, texts.excludedDetail),
      onError,
    )
  return (
    <>
      {work.failure !== null && (
        <Callout live tone="bad" title={strings.failure.title} className="mt-4">
          {work.failure}
        </Callout>
      )}
      <ul aria-label={texts.list} className="mt-4 divide-y divide-line rounded-lg border border-line">
        {rows.map(row => (
          <li key={`${row.channel} ${row.path}`} className="flex flex-wrap items-start gap-3 px-3 py-2">
            <div className="min-w-0 flex-1">
              <PathText path={row.path} />
              <Found row={row} />
            </div>
            <Button size="sm" icon={Ban} title={texts.excludeHint} onClick={() => exclude(row.path)}>
              {texts.exclude}
            </Button>
            <Button
              size="sm"
              kind="quiet-danger"
              icon={Send}
              disabled={row.secrets.length === 0}
              onClick={() => setAsked({ row, token })}
            >
              {texts.allow}
            </Button>
          </li>
        ))}
      </ul>
      <Confirm
        open={asked !== null}
        onClose={() => setAsked(null)}
        onConfirm={() => asked !== null && allow(asked.row.path, asked.token)}
        busy={work.isBusy}
        danger
        title={texts.confirmTitle}
        action={texts.confirmAction}
      >
        {asked !== null && (
          <>
            <PathText path={asked.row.path} />
            <Found row={asked.row} />
          </>
        )}
        <p>{texts.confirmText}</p>
      </Confirm>
    </>
  )
}

function Found({ row: { secrets } }: { readonly row: HoldRow }) {
  if (secrets.length === 0) return <p className="text-sm text-ink-3">{texts.unknown}</p>
  return (
    <ul className="text-sm text-ink-2">
      {secrets.map(({ name, line, masked }, index) => (
        <li key={`${line} ${masked} ${index}`}>
          {texts.found(name, line)} <code className="font-mono text-ink">{masked}</code>
        </li>
      ))}
    </ul>
  )
}
