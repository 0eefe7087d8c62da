/**
 * The desktop app, put together: the host in this process, its page in a window, its state in the tray. Loaded
 * while Electron gets ready, for it brings the engine with it.
 */
import { join } from 'node:path'
import { app, nativeTheme, systemPreferences } from 'electron'
import { Host } from '../host/app/host.ts'
import { type Instance, takeInstance } from '../host/app/instance.ts'
import { rendererFolder } from '../host/app/pages.ts'
import { createRouter } from '../host/app/router.ts'
import { setAppMenu } from './app-menu.ts'
import { serveApp } from './app-protocol.ts'
import { refreshAutostart } from './autostart.ts'
import { Badge } from './badge.ts'
import { closeToTray, closeWithoutTray } from './closing.ts'
import { desktopShell } from './desktop-shell.ts'
import { errorStack } from './error-stack.ts'
import { followFailures, offerReload } from './failures.ts'
import { followState } from './follow-state.ts'
import { Notifications } from './notifications.ts'
import { followPower } from './power.ts'
import { showOther } from './other-instance.ts'
import { servePorts } from './port-server.ts'
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
  const icons = iconFolder()
  const devServer = app.isPackaged ? null : (env['ELECTRON_RENDERER_URL'] ?? null)
  const presence = new TrayPresence(env)
  const desktop = desktopShell({ env, window: () => window, hasTray: () => presence.isThere })
  const host = new Host({ env, shell: desktop, command: 'the Lockstep app', log: null })
  followFailures(host.log)
  nativeTheme.themeSource = host.settings.theme
  const window: MainWindow = new MainWindow({
    home,
    icon: join(icons, process.platform === 'win32' ? 'app/icon.ico' : 'app/512.png'),
    log: host.log,
    onClose: () => onClose(),
    onHopeless: () => void offerReload(() => window.reload()),
    onSessionEnd: () => ending.endWithSession(),
  })
  const notifications = new Notifications(place => window.show(place), host.log)

  restrictPages(devServer)
  serveApp({ folder: rendererFolder(app.isPackaged ? {} : env), devServer })
  servePorts({ router: createRouter(host), pageId: () => window.pageId, log: host.log })
  setAppMenu()

  const ending = new Ending({
    log: host.log,
    hide: () => {
      presence.end()
      window.end()
    },
    close: async () => {
      following.end()
      await host.close()
      host.log.info('the app has ended')
      instance.release()
    },
  })
  ending.follow()
  const updates = new Updates({ env, log: host.log, end: () => ending.end() })
  host.start()
  presence.start({
    icons,
    desktop: env['XDG_CURRENT_DESKTOP'] ?? '',
    canCheckForUpdates: updates.areOffered,
    lacksSandbox: lacksSandbox(),
    state: () => host.state(),
    reducesMotion: () => systemPreferences.getAnimationSettings().prefersReducedMotion,
    onAction: trayActions({ host, shell: desktop, window, updates, quit: () => app.quit() }),
    // Nobody could reach a hidden one any more.
    onGone: () => window.ensureReachable(),
  })

  const badge = new Badge(icons, window)
  const following = followState(host, state => {
    nativeTheme.themeSource = state.settings.theme
    presence.update(state)
    badge.show(trayLook(state).count)
  })
  host.notices.listen(notice => notifications.notice(notice))
  followPower(host, ending)
  refreshAutostart(env)
  updates.start()

  app.on('activate', () => window.show())
  // Hidden, it is not closed; without this listener Electron would quit.
  app.on('window-all-closed', () => {})
  if (isHidden) window.hide()
  else window.show()
  host.log.info('the app has started', { electron: process.versions['electron'] ?? '', isHidden })
  if (lacksSandbox()) host.log.error('Chromium runs with --no-sandbox')
  return { show: () => window.show() }

  function onClose(): void {
    void presence
      .look()
      .then(hasTray => (hasTray ? closeToTray({ host, window, notifications }) : closeWithoutTray(window)))
      .catch((error: unknown) => {
        host.log.error('the window could not be closed', { error: errorStack(error) })
      })
  }
}

/** Beside the archive where the app is packed: Windows reads an .ico only from a real file. */
function iconFolder(): string {
  return app.isPackaged ? join(process.resourcesPath, 'icons') : join(app.getAppPath(), 'resources/icons')
}
