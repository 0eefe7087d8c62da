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
}

export function DiffLines({ lines, label }: DiffLinesProps) {
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
            <Line key={index} line={line} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Line({ line }: { readonly line: DiffLine }) {
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
      <td className="pr-4 pl-1 whitespace-pre">{line.text}</td>
    </tr>
  )
}
