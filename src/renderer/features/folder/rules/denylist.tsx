/** What never syncs (R10): to be read and searched, not edited. */
import { LockKeyhole, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import type { DenyRow } from '../../../../contract/rules.ts'
import { useAnswer } from '../../../store/use-answer.ts'
import { strings } from '../../../strings.ts'
import { Callout } from '../../../ui/callout.tsx'
import { SearchInput } from '../../../ui/field.tsx'
import { LoadFailure } from '../../../ui/load-failure.tsx'
import { Card } from '../../../ui/page.tsx'
import { Waiting } from '../../../ui/spinner.tsx'

const texts = strings.rules

export function Denylist() {
  const [search, setSearch] = useState('')
  const answer = useAnswer('denylist', 0, (host, signal) => host.rules.denylist(undefined, { signal }))
  if (answer.value === null) {
    return answer.error === null ? (
      <Waiting>{strings.common.loading}</Waiting>
    ) : (
      <LoadFailure error={answer.error} again={answer.again} />
    )
  }
  const found = answer.value.filter(row => matches(row, search))
  return (
    <div className="max-w-[760px]">
      <Callout tone="info" icon={LockKeyhole} title={texts.denyTitle}>
        {texts.denyDetail}
      </Callout>
      <SearchInput label={texts.denySearch} value={search} onChange={setSearch} className="mt-5 max-w-80" />
      <div aria-live="polite">
        {found.length === 0 && <p className="mt-6 text-ink-2">{texts.denyNone}</p>}
      </div>
      {byCategory(found).map(([category, rows]) => (
        <section key={category} className="mt-6">
          <h2 className="flex items-center gap-2 text-sm font-semibold">
            <ShieldCheck aria-hidden className="size-4 text-ink-3" strokeWidth={1.75} />
            <span className="first-letter:uppercase">{category}</span>
          </h2>
          {byReason(rows).map(([reason, same]) => (
            <Card key={reason} className="mt-2 p-4">
              <p className="text-ink-2">{reason}</p>
              <ul className="mt-3 flex flex-wrap gap-1.5">
                {same.map(({ pattern }) => (
                  <li
                    key={pattern}
                    className="rounded-sm border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs"
                  >
                    {pattern}
                  </li>
                ))}
              </ul>
            </Card>
          ))}
        </section>
      ))}
    </div>
  )
}

/** Also finds the entry that a whole file name would meet: `id_rsa.pub` finds `id_rsa*`. */
function matches({ pattern, category, reason }: DenyRow, search: string): boolean {
  const sought = search.trim().toLowerCase()
  if (sought === '') return true
  if ([pattern, category, reason].some(text => text.toLowerCase().includes(sought))) return true
  const literal = pattern.replace(/\/$/, '').replace(/[.+^${}()|[\]\\?]/g, '\\$&')
  return new RegExp(`^${literal.replaceAll('*', '.*')}$`, 'i').test(sought)
}

function byCategory(rows: readonly DenyRow[]): [string, DenyRow[]][] {
  return [...Map.groupBy(rows, row => row.category)]
}

function byReason(rows: readonly DenyRow[]): [string, DenyRow[]][] {
  return [...Map.groupBy(rows, row => row.reason)]
}
