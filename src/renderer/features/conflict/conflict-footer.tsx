/** The answers to a conflict: a whole side, both, or what was chosen and edited above. */
import type { ConflictDetail } from '../../../contract/conflicts.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'

const texts = strings.conflict

interface ConflictFooterProps {
  readonly detail: ConflictDetail
  readonly view: 'choose' | 'edit' | null
  /** Places without a choice. */
  readonly left: number
  readonly isEdited: boolean
  readonly isBusy: boolean
  readonly forAll: boolean
  readonly onForAll: (forAll: boolean) => void
  readonly onKeep: (take: 'local' | 'remote' | 'both') => void
  readonly onChoices: () => void
  readonly onMerged: () => void
  readonly onEdited: () => void
  readonly onClose: () => void
}

export function ConflictFooter(props: ConflictFooterProps) {
  const { detail, isBusy, forAll, onForAll, onKeep, onClose } = props
  const { count: alike, description } = detail.alike
  return (
    <footer className="flex shrink-0 flex-col gap-3 border-t border-line px-6 py-4">
      {alike > 0 && (
        <div className="flex items-center gap-2 text-sm text-ink-2">
          <Checkbox label={texts.alike(alike)} checked={forAll} onChange={onForAll} />
          <span className="truncate text-ink-3">{description}</span>
        </div>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button disabled={isBusy} onClick={() => onKeep('local')}>
          {texts.keepMine}
        </Button>
        <Button disabled={isBusy} onClick={() => onKeep('remote')}>
          {texts.keepTheirs}
        </Button>
        {detail.local !== null && detail.remote !== null && (
          <Button disabled={isBusy} title={texts.keepBothHint} onClick={() => onKeep('both')}>
            {texts.keepBoth}
          </Button>
        )}
        <div className="ml-auto flex items-center gap-2">
          <Hint {...props} />
          <Button kind="quiet" onClick={onClose}>
            {texts.notNow}
          </Button>
          <Primary {...props} />
        </div>
      </div>
    </footer>
  )
}

function Hint({ view, left, detail }: ConflictFooterProps) {
  if (view !== 'choose' || detail.doubts.length === 0) return null
  return (
    <span aria-live="polite" className="text-sm text-ink-2">
      {texts.left(left)}
    </span>
  )
}

/** One primary answer for each way to resolve. */
function Primary({
  detail,
  view,
  left,
  isEdited,
  isBusy,
  onChoices,
  onMerged,
  onEdited,
}: ConflictFooterProps) {
  if (view === 'choose') {
    return (
      <Button kind="primary" disabled={left > 0} busy={isBusy} onClick={onChoices}>
        {texts.saveChoices}
      </Button>
    )
  }
  if (view !== 'edit') return null
  const isMergedWhole = detail.merged !== null && detail.doubts.length === 0 && detail.kind === 'json'
  if (!isEdited && isMergedWhole) {
    return (
      <Button kind="primary" busy={isBusy} onClick={onMerged}>
        {texts.saveMerged}
      </Button>
    )
  }
  return (
    <Button kind="primary" disabled={!isEdited} busy={isBusy} onClick={onEdited}>
      {texts.saveEdited}
    </Button>
  )
}
