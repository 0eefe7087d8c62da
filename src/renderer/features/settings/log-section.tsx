/** How much is logged, the log itself, and a text for a bug report. */
import { ClipboardCopy, FolderOpen, ScrollText } from 'lucide-react'
import { useState } from 'react'
import type { Settings } from '../../../contract/settings.ts'
import { attempt } from '../../connection/attempt.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Section } from '../../ui/page.tsx'
import { Select } from '../../ui/select.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { Row, Rows } from './rows.tsx'

const texts = strings.settings
const LEVELS = ['error', 'info', 'debug'] as const

interface LogSectionProps {
  readonly settings: Settings
  readonly canOpen: boolean
  readonly onLevel: (level: Settings['logLevel']) => void
}

export function LogSection({ settings, canOpen, onLevel }: LogSectionProps) {
  const [shown, setShown] = useState<'log' | 'diagnostics' | null>(null)
  return (
    <Section title={texts.log}>
      <Rows>
        <Row label={texts.logLevel}>
          <Select
            label={texts.logLevel}
            value={settings.logLevel}
            options={LEVELS.map(value => ({ value, label: texts.logLevels[value] }))}
            onChange={onLevel}
            className="w-40"
          />
        </Row>
        <div className="flex flex-wrap items-center gap-2 py-3">
          <Button icon={ScrollText} onClick={() => setShown('log')}>
            {texts.showLog}
          </Button>
          {canOpen && (
            <Button icon={FolderOpen} onClick={() => attempt(host => host.shell.openLogs())}>
              {texts.openLogs}
            </Button>
          )}
          <Button icon={ClipboardCopy} onClick={() => setShown('diagnostics')}>
            {texts.diagnostics}
          </Button>
        </div>
      </Rows>
      {shown === 'log' && <Log onClose={() => setShown(null)} />}
      {shown === 'diagnostics' && <Diagnostics onClose={() => setShown(null)} />}
    </Section>
  )
}

function Log({ onClose }: { readonly onClose: () => void }) {
  const answer = useAnswer('log', 0, (host, signal) => host.shell.logs({ lines: 500 }, { signal }))
  const text = answer.value?.lines.join('\n') ?? ''
  return (
    <TextDialog title={texts.logTitle} description={answer.value?.file} text={text} onClose={onClose}>
      {answer.error !== null && <LoadFailure error={answer.error} again={answer.again} />}
      {answer.value === null && answer.error === null && <Waiting>{strings.common.loading}</Waiting>}
      {answer.value !== null && text === '' && <p className="text-ink-2">{texts.logEmpty}</p>}
    </TextDialog>
  )
}

function Diagnostics({ onClose }: { readonly onClose: () => void }) {
  const answer = useAnswer('diagnostics', 0, (host, signal) => host.shell.diagnostics(undefined, { signal }))
  return (
    <TextDialog
      title={texts.diagnosticsTitle}
      description={texts.diagnosticsHint}
      text={answer.value?.text ?? ''}
      onClose={onClose}
    >
      {answer.error !== null && <LoadFailure error={answer.error} again={answer.again} />}
      {answer.value === null && answer.error === null && <Waiting>{strings.common.loading}</Waiting>}
    </TextDialog>
  )
}

interface TextDialogProps {
  readonly title: string
  readonly description: string | undefined
  readonly text: string
  readonly onClose: () => void
  readonly children: React.ReactNode
}

function TextDialog({ title, description, text, onClose, children }: TextDialogProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title={title}
      description={description}
      footer={
        <>
          {text !== '' && <CopyButton text={text} size="md" />}
          <Button onClick={onClose}>{strings.common.close}</Button>
        </>
      }
    >
      {children}
      {text !== '' && (
        <pre
          // A long text scrolls by the keyboard too.
          tabIndex={0}
          aria-label={title}
          className="max-h-[56vh] overflow-auto rounded-lg border border-line bg-sunken p-3 font-mono text-xs leading-5 outline-offset-[-2px]"
        >
          {text}
        </pre>
      )}
    </Dialog>
  )
}
