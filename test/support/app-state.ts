/** States as the host would send them, with what a test does not care about filled in. */
import type { AppState, FolderState } from '../../src/contract/state.ts'

export function folderState(some: Partial<FolderState> = {}): FolderState {
  return {
    id: 'f1',
    name: 'mail-agent',
    path: '/home/me/mail-agent',
    contentRoot: 'data',
    configFile: 'data/sync-config.json',
    isSample: false,
    state: 'idle',
    paused: 'no',
    switchedOff: false,
    isReady: true,
    progress: null,
    files: 12,
    pending: 0,
    conflicts: 0,
    holds: 0,
    waiting: 0,
    problems: 0,
    problemList: [],
    lastSyncedAt: null,
    lastChange: null,
    curve: [],
    backend: null,
    fault: null,
    heldBy: null,
    untrusted: null,
    revisions: { files: 0, activity: 0, conflicts: 0, holds: 0, rules: 0 },
    ...some,
  }
}

export function appState(folders: readonly FolderState[], some: Partial<AppState> = {}): AppState {
  return {
    folders: [...folders],
    pausedAll: null,
    settings: {
      theme: 'system',
      startAtLogin: false,
      notifications: { conflicts: true, holds: true, errors: true, recovery: true },
      history: { days: 30, megabytes: 500 },
      logLevel: 'info',
      closeExplained: false,
    },
    shell: {
      kind: 'electron',
      canPickFolder: true,
      canOpen: true,
      canStartAtLogin: true,
      hasNotifications: true,
      hasTray: true,
      platform: 'linux',
    },
    device: 'laptop',
    home: '/home/me',
    ...some,
  }
}
