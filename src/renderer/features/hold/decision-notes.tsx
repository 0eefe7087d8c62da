/** Above what is decided about: that it has changed since it was shown, and why a decision was not carried out. */
import { strings } from '../../strings.ts'
import { Callout } from '../../ui/callout.tsx'

interface DecisionNotesProps {
  /** Null where what is shown is what is held. */
  readonly stale: string | null
  readonly failure: string | null
}

export function DecisionNotes({ stale, failure }: DecisionNotesProps) {
  return (
    <>
      {stale !== null && (
        <Callout live tone="warn" className="mb-4">
          {stale}
        </Callout>
      )}
      {failure !== null && (
        <Callout live tone="bad" title={strings.failure.title} className="mb-4">
          {failure}
        </Callout>
      )}
    </>
  )
}
