/** Lines that go and lines that come, each with a sign besides its colour, and where it stands. */
import { escaped } from '../../contract/shown.ts'
import type { FileDiff } from '../../contract/words.ts'
import { cx } from './cx.ts'

export type DiffLine = FileDiff['lines'][number]

const KINDS: Readonly<Record<DiffLine['kind'], { readonly sign: string; readonly look: string }>> = {
  same: { sign: ' ', look: '' },
  add: { sign: '+', look: 'bg-ok-soft' },
  remove: { sign: '−', look: 'bg-bad-soft' },
  gap: { sign: '⋯', look: 'bg-sunken text-ink-3' },
}

interface DiffLinesProps {
  readonly lines: readonly DiffLine[]
  readonly label: string
  /** As a program reads it: nothing lies beyond the edge, and nothing turns the order of the characters around. */
  readonly isCode?: boolean
}

export function DiffLines({ lines, label, isCode = false }: DiffLinesProps) {
  return (
    <div
      role="group"
      aria-label={escaped(label)}
      // A long difference scrolls by the keyboard too.
      tabIndex={0}
      className="max-h-[56vh] overflow-auto rounded-lg border border-line bg-raised font-mono text-xs leading-5 outline-offset-[-2px]"
    >
      <table className="w-full border-collapse">
        <tbody>
          {lines.map((line, index) => (
            // Lines have no name but their place, and never move.
            <Line key={index} line={line} isCode={isCode} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Line({ line, isCode }: { readonly line: DiffLine; readonly isCode: boolean }) {
  const { sign, look } = KINDS[line.kind]
  return (
    <tr className={look}>
      <td className="w-10 px-2 text-right text-ink-3 select-none">{line.before}</td>
      <td className="w-10 px-2 text-right text-ink-3 select-none">{line.after}</td>
      <td
        className={cx(
          'w-5 text-center select-none',
          line.kind === 'add' && 'text-ok',
          line.kind === 'remove' && 'text-bad',
        )}
      >
        {sign}
      </td>
      <td
        className={cx(
          'pr-4 pl-1',
          isCode ? 'whitespace-pre-wrap wrap-anywhere [unicode-bidi:bidi-override]' : 'whitespace-pre',
        )}
      >
        {line.text}
      </td>
    </tr>
  )
}
