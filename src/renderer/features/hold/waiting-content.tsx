/** One content that waits (R10.6), beside what the file holds here: let exactly this come, or trust the path from now on. */
import { ArrowLeft, Check } from 'lucide-react'
import { useState } from 'react'
import type { FolderState } from '../../../contract/state.ts'
import type { Body } from '../../../contract/words.ts'
import { staleData } from '../../connection/failure.ts'
import { bytes } from '../../format/quantity.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { TextDiff } from '../../ui/text-diff.tsx'
import { note } from '../../ui/toasts.tsx'
import { DecisionNotes } from './decision-notes.tsx'

const texts = strings.waiting

interface WaitingContentProps {
  readonly folder: FolderState
  readonly path: string
  readonly onBack: () => void
  readonly onClose: () => void
}

export function WaitingContent({ folder, path, onBack, onClose }: WaitingContentProps) {
  const { id: folderId, revisions } = folder
  const [isAsked, setAsked] = useState(false)
  const [isStale, setStale] = useState(false)
  const work = useWork()
  const answer = useAnswer(`waiting ${folderId} ${path}`, revisions.holds, (host, signal) =>
    host.holds.content({ folderId, path }, { signal }),
  )
  const shown = answer.value
  const done = (words: string) => {
    setAsked(false)
    note(words, path)
    onBack()
  }
  const allow = (hash: string) => {
    setStale(false)
    work.run(
      host => host.holds.allow({ folderId, path, hash }),
      () => done(texts.allowed),
      error => {
        if (staleData(error) === null) return false
        setStale(true)
        answer.again()
        return true
      },
    )
  }
  const trust = (pattern: string) =>
    work.run(
      host => host.holds.trust({ folderId, add: [pattern], remove: [] }),
      () => done(texts.trusted),
    )
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title={path}
      description={shown?.why}
      footer={
        <>
          <Button kind="quiet" icon={ArrowLeft} className="mr-auto -ml-3" onClick={onBack}>
            {texts.back}
          </Button>
          {shown !== null && (
            <>
              <Button onClick={() => setAsked(true)}>{texts.trust}</Button>
              <Button
                kind="primary"
                icon={Check}
                busy={work.isBusy && !isAsked}
                title={texts.allowHint}
                onClick={() => allow(shown.hash)}
              >
                {texts.allow}
              </Button>
            </>
          )}
        </>
      }
    >
      <DecisionNotes stale={isStale ? texts.stale : null} failure={work.failure} />
      {shown === null && answer.error === null && <Waiting>{strings.common.loading}</Waiting>}
      {shown === null && answer.error !== null && <LoadFailure error={answer.error} again={answer.again} />}
      {shown !== null && <Change path={path} content={shown.content} here={shown.here} />}
      <Confirm
        open={isAsked}
        onClose={() => setAsked(false)}
        onConfirm={() => shown !== null && trust(shown.pattern)}
        busy={work.isBusy}
        title={texts.trustTitle}
        action={texts.trustAction}
      >
        <p>{texts.trustText(path)}</p>
      </Confirm>
    </Dialog>
  )
}

interface ChangeProps {
  readonly path: string
  readonly content: Body | null
  readonly here: Body | null
}

function Change({ path, content, here }: ChangeProps) {
  if (content === null || content.kind === 'large') return <p className="text-ink-2">{texts.large}</p>
  if (content.kind === 'binary') return <p className="text-ink-2">{texts.binary(bytes(content.size))}</p>
  const before = here?.kind === 'text' ? here.text : ''
  return (
    <>
      <p className="pb-3 text-sm text-ink-2">{here === null ? texts.isNew : texts.replaces}</p>
      <TextDiff before={before} after={content.text} label={texts.change(path)} isCode />
    </>
  )
}
