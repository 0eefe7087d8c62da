/** The whole text of sync-config.json, with line numbers and the line of its fault. */
import { CircleAlert, CircleCheck } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { strings } from '../../../strings.ts'
import { cx } from '../../../ui/cx.ts'
import { withLineEnds } from './line-ends.ts'

const texts = strings.rules

interface ConfigTextProps {
  readonly file: string
  readonly text: string
  readonly faultLine: number | null
  readonly fault: string | null
  readonly isFine: boolean
  readonly onChange: (text: string) => void
}

/** In CSS pixels; the numbers beside the text stand on the same lines. */
const LINE_HEIGHT = 20

export function ConfigText({ file, text, faultLine, fault, isFine, onChange }: ConfigTextProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const lines = text.split('\n').length
  const first = useRef(faultLine)
  useEffect(() => {
    // Where it is broken is where one wants to type.
    if (first.current === null || area.current === null) return
    const offset = area.current.value
      .split('\n')
      .slice(0, first.current - 1)
      .join('\n').length
    area.current.setSelectionRange(offset, offset)
  }, [])
  return (
    <div>
      <div className="overflow-hidden rounded-lg border border-edge bg-raised focus-within:border-accent">
        <div className="flex max-h-[52vh] overflow-y-auto py-2 font-mono text-xs">
          <div aria-hidden className="w-11 shrink-0 text-right text-ink-3 select-none">
            {Array.from({ length: lines }, (_, index) => (
              <div
                key={index}
                className={cx('pr-3', index + 1 === faultLine && 'bg-bad-soft font-semibold text-bad')}
                style={{ height: LINE_HEIGHT, lineHeight: `${LINE_HEIGHT}px` }}
              >
                {index + 1}
              </div>
            ))}
          </div>
          <textarea
            ref={area}
            aria-label={texts.fileText(file)}
            aria-invalid={fault !== null || undefined}
            value={text}
            wrap="off"
            spellCheck={false}
            onChange={event => onChange(withLineEnds(text, event.target.value))}
            style={{ height: lines * LINE_HEIGHT, lineHeight: `${LINE_HEIGHT}px` }}
            className="min-h-40 min-w-0 flex-1 resize-none overflow-x-auto overflow-y-hidden bg-transparent pr-3 outline-none"
          />
        </div>
      </div>
      <div aria-live="polite" className="mt-2 min-h-5 text-sm">
        {fault !== null && (
          <p className="flex items-start gap-1.5 text-bad">
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" strokeWidth={1.75} />
            {faultLine === null ? fault : `${fault} (${texts.line(faultLine)})`}
          </p>
        )}
        {isFine && (
          <p className="flex items-center gap-1.5 text-ok">
            <CircleCheck aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
            {texts.textFine}
          </p>
        )}
      </div>
    </div>
  )
}
