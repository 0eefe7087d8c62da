/** What this program is and where it keeps its own things. */
import { exactly } from '../../format/time.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { useUnderHome } from '../../store/app.ts'
import { strings } from '../../strings.ts'
import { LoadFailure } from '../../ui/load-failure.tsx'
import { Card, Section } from '../../ui/page.tsx'

const texts = strings.settings

export function About({ device }: { readonly device: string }) {
  const answer = useAnswer('about', 0, (host, signal) => host.shell.about(undefined, { signal }))
  const about = answer.value
  const shown = useUnderHome()
  return (
    <Section title={texts.about}>
      {answer.error !== null && about === null && <LoadFailure error={answer.error} again={answer.again} />}
      {about !== null && (
        <Card className="px-4 py-3">
          <dl className="grid grid-cols-[144px_minmax(0,1fr)] gap-y-2">
            {[
              [texts.version, about.version],
              [texts.device, device],
              [texts.running, exactly(about.startedAt)],
              [texts.platform, about.platform],
              [texts.node, about.node],
              [texts.home, shown(about.home)],
              [texts.logFolder, shown(about.logFolder)],
              [texts.license, about.license],
            ].map(([label, value]) => (
              <div key={label} className="contents">
                <dt className="text-ink-3">{label}</dt>
                <dd className="min-w-0 break-all">{value}</dd>
              </div>
            ))}
          </dl>
        </Card>
      )}
    </Section>
  )
}
