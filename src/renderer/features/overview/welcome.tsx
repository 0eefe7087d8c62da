/** The overview before the first folder: what this is, and the two ways to begin. */
import { FolderPlus, FlaskConical } from 'lucide-react'
import { folderRoute, go } from '../../store/route.ts'
import { useWork } from '../../store/use-work.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Callout } from '../../ui/callout.tsx'
import { note } from '../../ui/toasts.tsx'

const texts = strings.overview

export function Welcome() {
  const work = useWork()
  const trySample = () =>
    work.run(
      host => host.setup.sample({ parent: null }),
      ({ id, path }) => {
        note(texts.sampleMade, path)
        go(folderRoute(id))
      },
    )
  return (
    <div className="flex h-full items-center justify-center overflow-y-auto px-8 py-12">
      <div className="max-w-[560px]">
        <StepsArt />
        <h1 className="mt-8 text-2xl font-semibold tracking-[-0.02em]">{texts.emptyTitle}</h1>
        <p className="mt-3 text-lg text-pretty text-ink-2">{texts.empty}</p>
        <div className="mt-6 flex gap-2">
          <Button kind="primary" icon={FolderPlus} onClick={() => go({ view: 'add' })}>
            {texts.choose}
          </Button>
          <Button icon={FlaskConical} busy={work.isBusy} onClick={trySample}>
            {texts.sample}
          </Button>
        </div>
        {work.failure !== null && (
          <Callout live tone="bad" title={strings.failure.title} className="mt-4">
            {work.failure}
          </Callout>
        )}
        <dl className="mt-12 grid gap-6 border-t border-line pt-6 sm:grid-cols-3">
          {texts.promises.map(([title, text]) => (
            <div key={title}>
              <dt className="font-medium">{title}</dt>
              <dd className="mt-1 text-sm text-pretty text-ink-2">{text}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  )
}

/** Two rows of the same files, drawn level. */
function StepsArt() {
  return (
    <svg aria-hidden width="176" height="64" viewBox="0 0 176 64" fill="none">
      {[0, 116].map(x => (
        <g key={x} transform={`translate(${x} 0)`}>
          <rect
            x="0.5"
            y="0.5"
            width="59"
            height="63"
            rx="8"
            fill="var(--color-raised)"
            stroke="var(--color-line-strong)"
          />
          {[14, 26, 38, 50].map((y, row) => (
            <rect
              key={y}
              x="10"
              y={y - 2}
              width={[40, 28, 34, 22][row]}
              height="4"
              rx="2"
              fill={row === 1 ? 'var(--color-accent)' : 'var(--color-line-strong)'}
            />
          ))}
        </g>
      ))}
      <path
        d="M72 26h32m-5-5 5 5-5 5M104 38H72m5-5-5 5 5 5"
        stroke="var(--color-accent)"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
