/** The three versions: when each was changed and by whom, as far as that is known and no further. */
import { Cloud, History, Laptop, type LucideIcon } from 'lucide-react'
import type { ConflictDetail, ConflictSide } from '../../../contract/conflicts.ts'
import { bytes } from '../../format/quantity.ts'
import { strings } from '../../strings.ts'
import { Ago } from '../../ui/time.tsx'

const texts = strings.conflict

export function Sides({ detail }: { readonly detail: ConflictDetail }) {
  return (
    <section aria-label={texts.sides} className="grid shrink-0 grid-cols-3 gap-4">
      <Side icon={Laptop} name={texts.mine} side={detail.local} verb={texts.changed} none={texts.noSide} />
      <Side icon={Cloud} name={texts.theirs} side={detail.remote} verb={texts.changed} none={texts.noSide} />
      <Side
        icon={History}
        name={texts.base}
        side={detail.base}
        verb={texts.agreed}
        none={texts.noBase}
        isShared
      />
    </section>
  )
}

interface SideProps {
  readonly icon: LucideIcon
  readonly name: string
  readonly side: ConflictSide | null
  readonly verb: string
  readonly none: string
  /** Both sides had it, so it is nobody's change. */
  readonly isShared?: boolean
}

function Side({ icon: Icon, name, side, verb, none, isShared }: SideProps) {
  return (
    <div className="min-w-0 border-l-2 border-line pl-3">
      <p className="flex items-center gap-2 font-medium">
        <Icon aria-hidden className="size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
        {name}
        {side !== null && <span className="text-sm font-normal text-ink-3">{bytes(side.body.size)}</span>}
      </p>
      <p className="text-sm text-ink-2">
        {side === null ? (
          none
        ) : (
          <>
            {verb} <Ago time={side.changedAt} />
            {!isShared && ` ${texts.by} ${side.by}`}
          </>
        )}
      </p>
    </div>
  )
}
