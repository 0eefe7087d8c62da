/** What has happened in this folder, newest first, live; older entries come when asked for. */
import { History } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ActivityKind, ActivityRow } from '../../../contract/activity.ts'
import type { Author, FolderState } from '../../../contract/state.ts'
import { dayHeading } from '../../format/time.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { SearchInput } from '../../ui/field.tsx'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Card } from '../../ui/page.tsx'
import { Select } from '../../ui/select.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { useDelayed } from '../../ui/use-delayed.ts'
import { useNow } from '../../ui/use-now.ts'
import { ActivityLine } from './activity-line.tsx'

const texts = strings.activity
const PAGE = 100

type Group = keyof typeof texts.kinds

const GROUPS: Readonly<Record<Group, readonly ActivityKind[]>> = {
  all: [],
  files: ['push', 'pull', 'merge', 'delete-local', 'delete-remote', 'skip'],
  decisions: ['conflict', 'resolve', 'approved', 'restored', 'saved'],
  problems: ['problem', 'recovered'],
  engine: ['started', 'stopped', 'paused', 'resumed'],
}
const GROUP_NAMES = ['all', 'files', 'decisions', 'problems', 'engine'] as const satisfies readonly Group[]

const AUTHORS = ['anyone', 'this-device', 'another', 'both', 'person'] as const satisfies readonly (
  | Author
  | 'anyone'
)[]

export function ActivityTab({ folder }: { readonly folder: FolderState }) {
  const [search, setSearch] = useState('')
  const [group, setGroup] = useState<Group>('all')
  const [author, setAuthor] = useState<(typeof AUTHORS)[number]>('anyone')
  const sought = useDelayed(search)
  const request = {
    folderId: folder.id,
    kinds: [...GROUPS[group]],
    authors: author === 'anyone' ? [] : [author],
    search: sought,
    limit: PAGE,
  }
  const subject = JSON.stringify(request)
  const newest = useAnswer(subject, folder.revisions.activity, (host, signal) =>
    host.activity.list(request, { signal }),
  )
  return (
    <div className="h-full overflow-y-auto">
      <div className="max-w-[1056px] px-8 pt-4 pb-16 max-[1000px]:px-6">
        <div className="flex flex-wrap items-center gap-2">
          <SearchInput
            label={texts.search}
            value={search}
            onChange={setSearch}
            className="min-w-56 flex-1 max-[900px]:basis-full"
          />
          <Select
            label={texts.kind}
            value={group}
            options={GROUP_NAMES.map(value => ({ value, label: texts.kinds[value] }))}
            onChange={setGroup}
            className="w-44"
          />
          <Select
            label={texts.author}
            value={author}
            options={AUTHORS.map(value => ({
              value,
              label: value === 'anyone' ? texts.anyone : texts.authors[value],
            }))}
            onChange={setAuthor}
            className="w-40"
          />
        </div>
        {newest.error !== null && newest.value === null && (
          <div className="mt-4">
            <LoadFailure error={newest.error} again={newest.again} />
          </div>
        )}
        {newest.value === null && newest.error === null && <Waiting>{strings.common.loading}</Waiting>}
        {newest.value !== null && (
          <Entries
            key={subject}
            newest={newest.value.rows}
            next={newest.value.next}
            request={request}
            isFiltered={search !== '' || group !== 'all' || author !== 'anyone'}
          />
        )}
      </div>
    </div>
  )
}

interface Asked {
  readonly folderId: string
  readonly kinds: ActivityKind[]
  readonly authors: Author[]
  readonly search: string
  readonly limit: number
}

interface EntriesProps {
  readonly newest: readonly ActivityRow[]
  readonly next: number | null
  readonly request: Asked
  readonly isFiltered: boolean
}

function Entries({ newest, next, request, isFiltered }: EntriesProps) {
  const work = useWork()
  const [fetched, setOlder] = useState<{ rows: readonly ActivityRow[]; next: number | null } | null>(null)
  const older = reaches(fetched?.rows, newest) ? fetched : null
  const cursor = older === null ? next : older.next
  const rows = useMemo(() => joined(newest, older?.rows ?? []), [newest, older])
  if (rows.length === 0) {
    return (
      <Empty icon={History} title={isFiltered ? texts.noneFound : texts.none}>
        {!isFiltered && texts.noneDetail}
      </Empty>
    )
  }
  const showOlder = () =>
    work.run(
      host => host.activity.list({ ...request, before: cursor }),
      page => setOlder({ rows: [...(older?.rows ?? newest), ...page.rows], next: page.next }),
    )
  return (
    <>
      <Days rows={rows} />
      <div className="mt-6 flex justify-center">
        {cursor === null ? (
          <p className="text-sm text-ink-3">{texts.oldest}</p>
        ) : (
          <Button busy={work.isBusy} onClick={showOlder}>
            {strings.common.showOlder}
          </Button>
        )}
      </div>
      {work.failure !== null && <p className="mt-2 text-center text-bad">{work.failure}</p>}
    </>
  )
}

/** Newest first, each once: what was fetched earlier may overlap with what is newest now. */
function joined(newest: readonly ActivityRow[], older: readonly ActivityRow[]): ActivityRow[] {
  const last = newest.at(-1)?.id ?? Infinity
  return [...newest, ...older.filter(row => row.id < last)]
}

/** So much may have happened since that the older rows no longer join the newest: then they are asked for again. */
function reaches(older: readonly ActivityRow[] | undefined, newest: readonly ActivityRow[]): boolean {
  const [first] = older ?? []
  const last = newest.at(-1)
  return first !== undefined && last !== undefined && first.id >= last.id
}

function Days({ rows }: { readonly rows: readonly ActivityRow[] }) {
  const now = useNow()
  const days = new Map<string, ActivityRow[]>()
  for (const row of rows) {
    const heading = dayHeading(row.at, now)
    const day = days.get(heading)
    if (day === undefined) days.set(heading, [row])
    else day.push(row)
  }
  return [...days].map(([heading, entries]) => (
    <section key={heading} className="mt-6">
      <h2 className="pb-2 text-sm font-medium text-ink-2">{heading}</h2>
      <Card>
        <ul className="@container divide-y divide-line">
          {entries.map(row => (
            <ActivityLine key={row.id} row={row} />
          ))}
        </ul>
      </Card>
    </section>
  ))
}
