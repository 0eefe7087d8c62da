/** The app's own settings. Each takes effect at once; there is nothing to save. */
import { Monitor, Moon, Sun } from 'lucide-react'
import type { Settings, SettingsPatch } from '../../../contract/settings.ts'
import { attempt } from '../../connection/attempt.ts'
import { useAppState } from '../../store/app.ts'
import { strings } from '../../strings.ts'
import { Page, Section } from '../../ui/page.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Waiting } from '../../ui/spinner.tsx'
import { SwitchRow } from '../../ui/switch.tsx'
import { About } from './about.tsx'
import { HistoryLimits } from './history-limits.tsx'
import { LogSection } from './log-section.tsx'
import { Row, Rows } from './rows.tsx'

const texts = strings.settings

const THEMES = [
  { value: 'system', label: texts.themes.system, icon: Monitor },
  { value: 'light', label: texts.themes.light, icon: Sun },
  { value: 'dark', label: texts.themes.dark, icon: Moon },
] as const

const NOTIFICATIONS = ['conflicts', 'holds', 'errors', 'recovery'] as const

function change(patch: SettingsPatch): void {
  attempt(host => host.settings.set(patch))
}

export function SettingsView() {
  const state = useAppState()
  if (state === null) return <Waiting>{strings.common.loading}</Waiting>
  const { settings, shell } = state
  return (
    <Page title={texts.title} isNarrow>
      <Section title={texts.appearance}>
        <Rows>
          <Row label={texts.theme}>
            <Segmented
              label={texts.theme}
              value={settings.theme}
              options={THEMES}
              onChange={theme => change({ theme })}
            />
          </Row>
        </Rows>
      </Section>
      <Section title={texts.general}>
        <Rows>
          <SwitchRow
            label={texts.startAtLogin}
            hint={shell.canStartAtLogin ? texts.startAtLoginHint : texts.startAtLoginNo}
            checked={settings.startAtLogin}
            disabled={!shell.canStartAtLogin}
            onChange={startAtLogin => change({ startAtLogin })}
          />
          <SwitchRow
            label={texts.pauseAll}
            hint={texts.pauseAllHint}
            checked={state.pausedAll !== null}
            onChange={pause =>
              attempt(host => (pause ? host.folders.pauseAll({ until: null }) : host.folders.resumeAll()))
            }
          />
        </Rows>
      </Section>
      <Notifications settings={settings} />
      <Section title={texts.history} hint={texts.historyHint}>
        <HistoryLimits
          key={`${settings.history.days} ${settings.history.megabytes}`}
          saved={settings.history}
          onChange={history => change({ history })}
        />
      </Section>
      <LogSection settings={settings} canOpen={shell.canOpen} onLevel={logLevel => change({ logLevel })} />
      <About device={state.device} />
    </Page>
  )
}

function Notifications({ settings: { notifications } }: { readonly settings: Settings }) {
  return (
    <Section title={texts.notifications}>
      <Rows>
        {NOTIFICATIONS.map(kind => {
          const [label, hint] = texts.notify[kind]
          return (
            <SwitchRow
              key={kind}
              label={label}
              hint={hint}
              checked={notifications[kind]}
              onChange={isOn => change({ notifications: { ...notifications, [kind]: isOn } })}
            />
          )
        })}
      </Rows>
    </Section>
  )
}
