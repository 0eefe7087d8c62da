/** The last few changes of all folders. */
import type { FolderState } from '../../../contract/state.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { strings } from '../../strings.ts'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { ActivityLine } from '../folder/activity-line.tsx'

const texts = strings.overview
const SHOWN = 6

/** What a person would tell another one; the rest is in each folder's own list. */
const TOLD = [
  'push',
  'pull',
  'merge',
  'delete-local',
  'delete-remote',
  'conflict',
  'resolve',
  'problem',
  'recovered',
  'approved',
  'restored',
  'saved',
] as const

export function Recent({ folders }: { readonly folders: readonly FolderState[] }) {
  const revision = folders.reduce((sum, folder) => sum + folder.revisions.activity, 0)
  const answer = useAnswer('recent', revision, (host, signal) =>
    host.activity.list({ folderId: null, kinds: [...TOLD], limit: SHOWN }, { signal }),
  )
  return (
    <Section title={texts.recentTitle}>
      {answer.error !== null && <LoadFailure error={answer.error} again={answer.again} />}
      {answer.value !== null && (
        <Card>
          {answer.value.rows.length === 0 ? (
            <p className="px-4 py-6 text-ink-2">{texts.noRecent}</p>
          ) : (
            <ul className="@container divide-y divide-line">
              {answer.value.rows.map(row => (
                <ActivityLine key={row.id} row={row} withFolder={folders.length > 1} />
              ))}
            </ul>
          )}
        </Card>
      )}
    </Section>
  )
}
