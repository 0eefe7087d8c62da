/** A custom adapter's code, by its hashes, and the question whether it may run. Nothing of it runs before. */
import { ShieldQuestionMark } from 'lucide-react'
import { useState } from 'react'
import type { BackendDraft, Target } from '../../../contract/backend.ts'
import type { AdapterCode } from '../../../contract/folders.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { note } from '../../ui/toasts.tsx'
import { NameText } from '../../ui/name-text.tsx'
import { useDelayed } from '../../ui/use-delayed.ts'

const texts = strings.trust

interface CodeToTrustProps {
  readonly code: AdapterCode
  readonly isBusy: boolean
  readonly failure: string | null
  readonly onTrust: () => void
}

export function CodeToTrust({ code, isBusy, failure, onTrust }: CodeToTrustProps) {
  return (
    <Callout
      tone="warn"
      icon={ShieldQuestionMark}
      title={texts.title}
      action={
        <Button busy={isBusy} onClick={onTrust}>
          {texts.trust}
        </Button>
      }
    >
      <p>{texts.text}</p>
      {[code, ...code.imports].map(({ path, hash }) => (
        <div key={path} className="mt-2 font-mono text-xs break-all">
          <p>
            <NameText name={path} />
          </p>
          <p className="text-ink-3">
            {texts.hash} {hash}
          </p>
        </div>
      ))}
      {failure !== null && <p className="mt-2 text-bad">{failure}</p>}
    </Callout>
  )
}

interface DraftTrustProps {
  readonly target: Target
  readonly draft: BackendDraft
}

/** Of the adapter that the form names, before it is tested or saved. Shows nothing where there is nothing to ask. */
export function DraftTrust({ target, draft }: DraftTrustProps) {
  const asked = useDelayed(JSON.stringify({ target, draft }))
  const [agreed, setAgreed] = useState(0)
  const work = useWork()
  // A module that is missing or a field that is empty is the connection test's to tell of.
  const shown = useAnswer(draft.kind === 'custom' ? `code ${asked}` : null, agreed, (host, signal) =>
    host.backend.adapterCode({ target, draft }, { signal }),
  )
  if (shown.value === null || shown.value.isTrusted) return null
  const { code } = shown.value
  const trust = () =>
    work.run(
      host => host.backend.trustAdapter({ target, draft, code }),
      () => {
        setAgreed(number => number + 1)
        note(texts.agreed)
      },
    )
  return (
    <CodeToTrust key={code.hash} code={code} isBusy={work.isBusy} failure={work.failure} onTrust={trust} />
  )
}
