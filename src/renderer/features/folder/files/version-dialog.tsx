/** An earlier version beside the file as it is now, and the way back to it. */
import { History } from 'lucide-react'
import type { Body } from '../../../../contract/words.ts'
import type { HistoryVersion } from '../../../../contract/files.ts'
import type { FolderState } from '../../../../contract/state.ts'
import { bytes } from '../../../format/quantity.ts'
import { exactly } from '../../../format/time.ts'
import { useAnswer } from '../../../store/use-answer.ts'
import { useWork } from '../../../store/use-work.ts'
import { strings } from '../../../strings.ts'
import { Button } from '../../../ui/button.tsx'
import { Callout } from '../../../ui/callout.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { LoadFailure } from '../../../ui/load-failure.tsx'
import { Waiting } from '../../../ui/spinner.tsx'
import { TextDiff } from '../../../ui/text-diff.tsx'
import { NameText } from '../../../ui/name-text.tsx'
import { note } from '../../../ui/toasts.tsx'

const texts = strings.history

interface VersionDialogProps {
  readonly folder: FolderState
  readonly version: HistoryVersion
  readonly onClose: () => void
}

export function VersionDialog({ folder, version, onClose }: VersionDialogProps) {
  const work = useWork()
  const { path } = version
  const one = { folderId: folder.id, path, version: version.version }
  const answer = useAnswer(
    `version ${path} ${version.version}`,
    folder.revisions.files,
    async (host, signal) => {
      const [earlier, now] = await Promise.all([
        host.files.historyContent(one, { signal }),
        host.files.content({ folderId: folder.id, path }, { signal }),
      ])
      return { earlier: earlier.body, now: now.body }
    },
  )
  const restore = () =>
    work.run(
      host => host.files.restore(one),
      () => {
        note(texts.restored, path)
        onClose()
      },
    )
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title={`${texts.compareTitle} ${exactly(version.time)}`}
      description={
        <>
          <NameText name={path} /> · {texts.reasons[version.reason] ?? version.reason}{' '}
          {texts.device(version.device)} · {bytes(version.size)}
        </>
      }
      footer={
        <>
          <Button onClick={onClose}>{strings.common.close}</Button>
          <Button kind="primary" icon={History} busy={work.isBusy} onClick={restore}>
            {texts.restore}
          </Button>
        </>
      }
    >
      {work.failure !== null && (
        <Callout live tone="bad" title={strings.failure.title} className="mb-4">
          {work.failure}
        </Callout>
      )}
      {answer.error !== null && answer.value === null && (
        <LoadFailure error={answer.error} again={answer.again} />
      )}
      {answer.value === null && answer.error === null && <Waiting>{strings.common.loading}</Waiting>}
      {answer.value !== null && <Comparison now={answer.value.now} earlier={answer.value.earlier} />}
    </Dialog>
  )
}

function Comparison({ now, earlier }: { readonly now: Body | null; readonly earlier: Body }) {
  if (earlier.kind !== 'text') {
    return (
      <p className="text-ink-2">
        {earlier.kind === 'binary' ? texts.binary(bytes(earlier.size)) : texts.large(bytes(earlier.size))}
      </p>
    )
  }
  const current = now === null ? '' : now.kind === 'text' ? now.text : null
  if (current === null) return <TextDiff before="" after={earlier.text} label={texts.earlier} />
  if (current === earlier.text && now !== null) return <p className="text-ink-2">{texts.same}</p>
  return (
    <>
      <p className="pb-3 text-sm text-ink-2">{now === null ? texts.gone : texts.legend}</p>
      <TextDiff before={current} after={earlier.text} label={`${texts.now} → ${texts.earlier}`} />
    </>
  )
}
