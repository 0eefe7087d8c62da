/** The paths whose contents this device trusts, whoever they come from (R10.7). Nothing where there are none. */
import { Undo2 } from 'lucide-react'
import type { FolderState } from '../../../../contract/state.ts'
import { useAnswer } from '../../../store/use-answer.ts'
import { useWork } from '../../../store/use-work.ts'
import { strings } from '../../../strings.ts'
import { Button } from '../../../ui/button.tsx'
import { Callout } from '../../../ui/callout.tsx'
import { Card } from '../../../ui/page.tsx'
import { PathText } from '../../../ui/path-text.tsx'
import { note } from '../../../ui/toasts.tsx'

const texts = strings.waiting

export function TrustedPaths({ folder }: { readonly folder: FolderState }) {
  const { id, revisions } = folder
  const work = useWork()
  const answer = useAnswer(`trusted ${id}`, revisions.rules, (host, signal) =>
    host.holds.trusted({ folderId: id }, { signal }),
  )
  const patterns = answer.value?.patterns ?? []
  if (patterns.length === 0) return null
  const forget = (pattern: string) =>
    work.run(
      host => host.holds.trust({ folderId: id, add: [], remove: [pattern] }),
      now => {
        answer.replace(now)
        note(texts.forgotten, pattern)
      },
    )
  return (
    <section className="mt-10 max-w-[640px]">
      <h2 className="font-semibold">{texts.trustedTitle}</h2>
      <p className="mt-1 text-ink-2">{texts.trustedDetail}</p>
      {work.failure !== null && (
        <Callout live tone="bad" title={strings.failure.title} className="mt-4">
          {work.failure}
        </Callout>
      )}
      <Card className="mt-4">
        <ul className="divide-y divide-line">
          {patterns.map(pattern => (
            <li key={pattern} className="flex h-11 items-center gap-3 px-3">
              <PathText path={pattern} className="flex-1" />
              <Button
                size="sm"
                kind="quiet"
                icon={Undo2}
                busy={work.isBusy}
                aria-label={texts.forget(pattern)}
                onClick={() => forget(pattern)}
              >
                {texts.forgetShort}
              </Button>
            </li>
          ))}
        </ul>
      </Card>
    </section>
  )
}
