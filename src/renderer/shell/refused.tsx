/** The whole page, where the host does not know it: how to come in again. */
import { KeyRound } from 'lucide-react'
import { strings } from '../strings.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Empty } from '../ui/empty.tsx'

const COMMAND = 'lockstep serve'

export function Refused() {
  return (
    <main className="h-full">
      <Empty isPage icon={KeyRound} title={strings.app.refusedTitle}>
        <p>{strings.app.refused}</p>
        <p className="mx-auto mt-4 inline-flex items-center gap-2 rounded-lg border border-line bg-sunken py-1 pr-1 pl-4 font-mono text-ink">
          {COMMAND}
          <CopyButton text={COMMAND} />
        </p>
      </Empty>
    </main>
  )
}
