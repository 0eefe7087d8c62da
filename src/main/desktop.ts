/**
 * The desktop app, put together: the host in a process of its own, its page in a window, its state in the tray. Loaded
 * while Electron gets ready.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { app, nativeTheme, session, systemPreferences } from 'electron'
import type { AppState } from '../contract/state.ts'
import type { Log } from '../engine/ports/log.ts'
import { openHostLog } from '../host/app/host-log.ts'
import { type Instance, takeInstance } from '../host/app/instance.ts'
import { rendererFolder } from '../host/app/pages.ts'
import { errorStack } from '../host/error-stack.ts'
import { setAppMenu } from './app-menu.ts'
import { serveApp } from './app-protocol.ts'
import { refreshAutostart } from './autostart.ts'
import { Badge } from './badge.ts'
import { closeToTray, closeWithoutTray } from './closing.ts'
import { desktopShell } from './desktop-shell.ts'
import { followFailures, offerReload } from './failures.ts'
import { HostClient } from './host-client.ts'
import { HostProcess } from './host-process.ts'
import type { HostView } from './host-view.ts'
import { Notifications } from './notifications.ts'
import { followPower } from './power.ts'
import { showOther } from './other-instance.ts'
import { takePagePort } from './page-port.ts'
import { namesProxy, proxyVariables } from './proxy.ts'
import { Ending } from './quit.ts'
import { lacksSandbox } from './sandbox.ts'
import { restrictPages } from './session-policy.ts'
import { trayActions } from './tray-actions.ts'
import { trayLook } from './tray-look.ts'
import { TrayPresence } from './tray-presence.ts'
import { Updates } from './updates.ts'
import { MainWindow } from './window.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface DesktopOptions {
  readonly env: Environment
  readonly home: string
  /** The tray alone, where there is one. */
  readonly isHidden: boolean
}

export interface Desktop {
  /** Brings the window to the front. */
  show(): void
}

/** The window of a start that is not hidden waits no longer for the first state, in milliseconds. */
const FIRST_STATE_MS = 2_000

/** The host waits no longer for what the system says of its proxy (a script of a company may hang), in milliseconds. */
const PROXY_MS = 2_000
/** The proxy is asked for once and not for each database: companies have one for all that is outside. */
const ANY_DATABASE = 'https://supabase.com/'

const MANY_DEATHS = {
  title: 'Sync keeps ending',
  body: 'It is started again and again. The log says why; click to see it.',
  key: 'host',
}

/** Null where another Lockstep is shown instead, and this one ends. */
export async function startDesktop(options: DesktopOptions): Promise<Desktop | null> {
  const instance = await takeInstance(options.home)
  if ('heldBy' in instance) {
    await showOther(instance.heldBy, options)
    return null
  }
  instance.announce({ pid: process.pid, startedAt: Date.now(), kind: 'electron', url: null })
  try {
    return compose(options, instance)
  } catch (error) {
    instance.release()
    throw error
  }
}

function compose({ env, home, isHidden }: DesktopOptions, instance: Instance): Desktop {
  const log = openHostLog(home, null, () => 'info')
  followFailures(log)
  const icons = iconFolder()
  const devServer = app.isPackaged ? null : (env['ELECTRON_RENDERER_URL'] ?? null)
  let view: HostView = { condition: 'starting' }
  let beforeSilence: HostView = view
  let state: AppState | null = null

  const presence = new TrayPresence(env)
  const shell = desktopShell({ env, window: () => window, hasTray: () => presence.isThere })
  const window: MainWindow = new MainWindow({
    home,
    icon: join(icons, process.platform === 'win32' ? 'app/icon.ico' : 'app/512.png'),
    log,
    onClose: () => onClose(),
    onHopeless: () => void offerReload(() => window.reload()),
    onSessionEnd: () => ending.endWithSession(),
  })
  const notifications = new Notifications(place => window.show(place), log)
  const badge = new Badge(icons, window)

  const host: HostProcess = new HostProcess({
    environment: () => hostEnvironment(env, log),
    shell,
    log,
    onStart: () => client.connect(),
    onDeath: reason => {
      client.disconnect()
      setView({ condition: 'restarting', reason })
      showFirst()
    },
    onManyDeaths: () => void notifications.show(MANY_DEATHS, () => void shell.open(join(home, 'logs'))),
    onSilence: isSilent => {
      if (isSilent) beforeSilence = view
      setView(isSilent ? { condition: 'silent' } : beforeSilence)
    },
  })
  const client: HostClient = new HostClient({
    connect: port => host.connect(port),
    onState: now => {
      state = now
      nativeTheme.themeSource = now.settings.theme
      badge.show(trayLook(now).count)
      setView({ condition: 'running', state: now })
      showFirst()
    },
    onNotice: notice => notifications.notice(notice),
    log,
  })

  restrictPages(devServer)
  serveApp({ folder: rendererFolder(app.isPackaged ? {} : env), devServer })
  takePagePort({ pageId: () => window.pageId, connect: port => host.connect(port), log })
  setAppMenu()

  const ending = new Ending({
    log,
    hide: () => {
      presence.end()
      window.end()
    },
    close: async () => {
      await host.close()
      log.info('the app has ended')
      instance.release()
    },
    cutOff: () => host.kill(),
  })
  ending.follow()
  const updates = new Updates({ env, log, end: () => ending.end() })
  host.start()
  presence.start({
    icons,
    desktop: env['XDG_CURRENT_DESKTOP'] ?? '',
    canCheckForUpdates: updates.areOffered,
    lacksSandbox: lacksSandbox(),
    view: () => view,
    reducesMotion: () => systemPreferences.getAnimationSettings().prefersReducedMotion,
    onAction: trayActions({
      client,
      host,
      shell,
      logFolder: join(home, 'logs'),
      window,
      updates,
      log,
      quit: () => app.quit(),
    }),
    onChange: () => host.tellShell(),
    // Nobody could reach a hidden one any more.
    onGone: () => window.ensureReachable(),
  })
  followPower({ host, ending, log })
  refreshAutostart(env)
  updates.start()

  app.on('activate', () => window.show())
  // Hidden, it is not closed; without this listener Electron would quit.
  app.on('window-all-closed', () => {})
  let isFirstShown = false
  if (isHidden) window.hide()
  else setTimeout(showFirst, FIRST_STATE_MS)
  log.info('the app has started', { electron: process.versions['electron'] ?? '', isHidden })
  if (lacksSandbox()) log.error('Chromium runs with --no-sandbox')
  return { show: () => window.show() }

  function setView(next: HostView): void {
    view = next
    presence.update(view)
  }

  /** With the first state, which brings the colours that the person has chosen. */
  function showFirst(): void {
    if (isHidden || isFirstShown) return
    isFirstShown = true
    window.show()
  }

  function onClose(): void {
    const isExplained = state?.settings.closeExplained ?? false
    const onExplained = async () => {
      await client.ask.settings.set({ closeExplained: true })
    }
    void presence
      .look()
      .then(hasTray =>
        hasTray ? closeToTray({ window, notifications, isExplained, onExplained }) : closeWithoutTray(window),
      )
      .catch((error: unknown) => {
        log.error('the window could not be closed', { error: errorStack(error) })
      })
  }
}

/** What the host's process gets: this one's environment, and the system's proxy where that names none. */
async function hostEnvironment(env: Environment, log: Log): Promise<Environment> {
  if (namesProxy(env)) return env
  try {
    const answer = await Promise.race([
      session.defaultSession.resolveProxy(ANY_DATABASE),
      sleep(PROXY_MS, '', { ref: false }),
    ])
    return { ...env, ...proxyVariables(answer, env) }
  } catch (error) {
    log.info('the system’s proxy is not known', { reason: errorStack(error) })
    return env
  }
}

/** Beside the archive where the app is packed: Windows reads an .ico only from a real file. */
function iconFolder(): string {
  return app.isPackaged ? join(process.resourcesPath, 'icons') : join(app.getAppPath(), 'resources/icons')
}
