/** How long replaced files are kept, and how much room they may take. */
import { useState } from 'react'
import type { Settings } from '../../../contract/settings.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { Card } from '../../ui/page.tsx'

const texts = strings.settings

type History = Settings['history']

/** As the contract has them. */
const RANGES = { days: [1, 365], megabytes: [10, 10_000] } as const

interface HistoryLimitsProps {
  readonly saved: History
  readonly onChange: (history: History) => void
}

export function HistoryLimits({ saved, onChange }: HistoryLimitsProps) {
  const [days, setDays] = useState(String(saved.days))
  const [megabytes, setMegabytes] = useState(String(saved.megabytes))
  const next = { days: within('days', days), megabytes: within('megabytes', megabytes) }
  const isChanged = days !== String(saved.days) || megabytes !== String(saved.megabytes)
  return (
    <Card className="p-4">
      <form
        className="flex flex-wrap items-start gap-4"
        onSubmit={event => {
          event.preventDefault()
          if (next.days !== null && next.megabytes !== null) {
            onChange({ days: next.days, megabytes: next.megabytes })
          }
        }}
      >
        <div className="w-44">
          <Field label={texts.days} error={next.days === null ? texts.daysRange : undefined}>
            {ids => (
              <Input
                {...ids}
                inputMode="numeric"
                value={days}
                onChange={event => setDays(event.target.value)}
              />
            )}
          </Field>
        </div>
        <div className="w-44">
          <Field label={texts.megabytes} error={next.megabytes === null ? texts.megabytesRange : undefined}>
            {ids => (
              <Input
                {...ids}
                inputMode="numeric"
                value={megabytes}
                onChange={event => setMegabytes(event.target.value)}
              />
            )}
          </Field>
        </div>
        {isChanged && (
          <Button kind="primary" type="submit" className="mt-6.5">
            {strings.common.save}
          </Button>
        )}
      </form>
    </Card>
  )
}

function within(kind: keyof typeof RANGES, text: string): number | null {
  const [least, most] = RANGES[kind]
  const number = /^\d+$/.test(text.trim()) ? Number(text) : NaN
  return number >= least && number <= most ? number : null
}
