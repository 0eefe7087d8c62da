/** “Why is this file syncing, or not?”, for any path. */
import { useState } from 'react'
import type { FolderState } from '../../../../contract/state.ts'
import { useAnswer } from '../../../store/use-answer.ts'
import { strings } from '../../../strings.ts'
import { Button } from '../../../ui/button.tsx'
import { Field, Input } from '../../../ui/field.tsx'
import { LoadFailure } from '../../../ui/load-failure.tsx'
import { NameText } from '../../../ui/name-text.tsx'
import { Card } from '../../../ui/page.tsx'
import { ExplanationView } from '../explanation-view.tsx'

const texts = strings.rules

interface WhyProps {
  readonly folder: FolderState
  readonly path: string
}

export function WhyThisFile({ folder, path }: WhyProps) {
  const { id } = folder
  const [typed, setTyped] = useState(path)
  const [asked, setAsked] = useState(path)
  const answer = useAnswer(
    asked === '' ? null : `why ${id} ${asked}`,
    folder.revisions.files,
    (host, signal) => host.files.explain({ folderId: id, path: asked }, { signal }),
  )
  return (
    <div className="max-w-[640px]">
      <h2 className="font-semibold">{texts.whyTitle}</h2>
      <form
        className="mt-4 flex items-end gap-2"
        onSubmit={event => {
          event.preventDefault()
          setAsked(typed.trim())
        }}
      >
        <div className="flex-1">
          <Field label={texts.whyLabel}>
            {ids => (
              <Input
                {...ids}
                value={typed}
                placeholder={texts.whyPlaceholder}
                onChange={event => setTyped(event.target.value)}
                className="font-mono text-sm"
              />
            )}
          </Field>
        </div>
        <Button kind="primary" type="submit">
          {texts.ask}
        </Button>
      </form>
      <div className="mt-6" aria-live="polite">
        {asked === '' && <p className="text-ink-2">{texts.whyEmpty}</p>}
        {asked !== '' && answer.error !== null && answer.value === null && (
          <LoadFailure error={answer.error} again={answer.again} />
        )}
        {answer.value !== null && (
          <Card className="p-5">
            <p className="pb-3 font-mono text-sm break-all">
              <NameText name={answer.value.path} />
            </p>
            <ExplanationView explanation={answer.value} />
          </Card>
        )}
      </div>
    </div>
  )
}
