/** Which database this folder syncs with: chosen, tested, its exact difference seen, then saved. */
import { zodResolver } from '@hookform/resolvers/zod'
import { useEffect, useState } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import type { BackendInfo, BackendSavePreview } from '../../../contract/backend.ts'
import type { FolderState } from '../../../contract/state.ts'
import { staleData } from '../../connection/failure.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { note, noteError } from '../../ui/toasts.tsx'
import { BackendFields } from './backend-form.tsx'
import { DraftTrust } from './code-to-trust.tsx'
import { ConnectionTest, useConnectionTest } from './connection-test.tsx'
import { type BackendForm, changes, draftOf, formOf, type SavedBackend } from './draft.ts'
import { formSchema } from './form-schema.ts'
import { SaveDialog } from './save-dialog.tsx'
import { SetupHelpList } from './setup-help.tsx'

const texts = strings.backend

export function BackendTab({ folder }: { readonly folder: FolderState }) {
  const { id } = folder
  const infos = useAnswer('backends', 0, (host, signal) => host.backend.describe(undefined, { signal }))
  const saved = useAnswer(`backend ${id}`, folder.revisions.rules, (host, signal) =>
    host.backend.values({ target: { folderId: id } }, { signal }),
  )
  const failed = [infos, saved].find(answer => answer.error !== null && answer.value === null)
  if (failed !== undefined) {
    return (
      <div className="p-8">
        <LoadFailure error={failed.error} again={failed.again} />
      </div>
    )
  }
  if (infos.value === null || saved.value === null) return <Waiting>{strings.common.loading}</Waiting>
  return <Editor folder={folder} infos={infos.value} saved={saved.value} onSaved={saved.again} />
}

interface EditorProps {
  readonly folder: FolderState
  readonly infos: readonly BackendInfo[]
  readonly saved: SavedBackend
  readonly onSaved: () => void
}

function Editor({ folder, infos, saved, onSaved }: EditorProps) {
  const target = { folderId: folder.id }
  const form = useForm<BackendForm>({
    resolver: zodResolver(formSchema(infos, saved)),
    defaultValues: formOf(saved),
    mode: 'onTouched',
  })
  const values = useWatch({ control: form.control, compute: (value: BackendForm) => value })
  const info = infos.find(each => each.kind === values.kind)
  const test = useConnectionTest()
  const work = useWork()
  const [preview, setPreview] = useState<BackendSavePreview | null>(null)
  const savedText = JSON.stringify(saved)
  const { reset } = form
  useEffect(() => reset(formOf(JSON.parse(savedText) as SavedBackend)), [savedText, reset])
  if (info === undefined) return null
  const draft = draftOf(values, saved, info)
  const isChanged = changes(draft, saved)
  const review = form.handleSubmit(() =>
    work.run(host => host.backend.previewSave({ target, draft }), setPreview),
  )
  const save = (token: string) =>
    work.run(
      host => host.backend.save({ target, draft, token }),
      () => {
        setPreview(null)
        test.forget()
        onSaved()
        note(texts.saved)
      },
      error => {
        const fresh = staleData(error)?.preview
        if (fresh === undefined) return false
        setPreview(fresh)
        noteError(texts.stale)
        return true
      },
    )
  return (
    <div className="h-full overflow-y-auto">
      <form
        noValidate
        onSubmit={event => {
          void review(event)
        }}
        className="max-w-[1056px] px-8 pt-6 pb-16 max-[1000px]:px-6"
      >
        <BackendFields control={form.control} infos={infos} saved={saved} inUse={saved.kind}>
          <DraftTrust target={target} draft={draft} />
          <ConnectionTest
            run={test.run}
            onStart={() => {
              void form.handleSubmit(() => test.start(target, draft))()
            }}
            onStop={test.stop}
          />
          <div className="flex flex-wrap items-center gap-2 border-t border-line pt-6">
            <Button kind="primary" type="submit" disabled={!isChanged} busy={work.isBusy && preview === null}>
              {texts.review}
            </Button>
            {isChanged && (
              <Button kind="quiet" onClick={() => reset(formOf(saved))}>
                {texts.discard}
              </Button>
            )}
          </div>
          {work.failure !== null && preview === null && (
            <Callout live tone="bad" title={strings.failure.title}>
              {work.failure}
            </Callout>
          )}
          <SetupHelpList info={info} target={target} />
        </BackendFields>
      </form>
      {preview !== null && (
        <SaveDialog
          preview={preview}
          isBusy={work.isBusy}
          failure={work.failure}
          onSave={() => save(preview.token)}
          onClose={() => setPreview(null)}
        />
      )}
    </div>
  )
}
