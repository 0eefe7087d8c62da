/** Which files sync: the patterns, the question about one file, and the list of what never syncs. */
import { useState } from 'react'
import type { FolderState } from '../../../../contract/state.ts'
import { useAnswer } from '../../../store/use-answer.ts'
import { strings } from '../../../strings.ts'
import { LoadFailure } from '../../../ui/load-failure.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { Waiting } from '../../../ui/spinner.tsx'
import { Denylist } from './denylist.tsx'
import { PatternsEditor } from './patterns-editor.tsx'
import { TrustedPaths } from './trusted-paths.tsx'
import { WhyThisFile } from './why-this-file.tsx'

const texts = strings.rules
const VIEWS = ['patterns', 'why', 'denylist'] as const
type View = (typeof VIEWS)[number]

interface RulesTabProps {
  readonly folder: FolderState
  /** A path to explain at once. */
  readonly path: string | null
}

export function RulesTab({ folder, path }: RulesTabProps) {
  const [view, setView] = useState<View>(path === null ? 'patterns' : 'why')
  return (
    <div className="h-full overflow-y-auto">
      <div className="max-w-[1056px] px-8 pt-4 pb-16 max-[1000px]:px-6">
        <Segmented
          label={texts.view}
          value={view}
          options={VIEWS.map(value => ({ value, label: texts.views[value] }))}
          onChange={setView}
        />
        <div className="mt-6">
          {view === 'patterns' && <Patterns folder={folder} />}
          {view === 'why' && <WhyThisFile folder={folder} path={path ?? ''} />}
          {view === 'denylist' && <Denylist />}
          {view === 'patterns' && <TrustedPaths folder={folder} />}
        </div>
      </div>
    </div>
  )
}

function Patterns({ folder }: { readonly folder: FolderState }) {
  const { id } = folder
  const answer = useAnswer(`rules ${id}`, folder.revisions.rules, (host, signal) =>
    host.rules.get({ folderId: id }, { signal }),
  )
  if (answer.value !== null) {
    return <PatternsEditor folder={folder} view={answer.value} onView={answer.replace} />
  }
  if (answer.error !== null) return <LoadFailure error={answer.error} again={answer.again} />
  return <Waiting>{strings.common.loading}</Waiting>
}
