/** What the host would notify of, as a note in the page where the system shows none. */
import { useEffect } from 'react'
import { shownName } from '../../contract/shown.ts'
import { host } from '../connection/host.ts'
import { useApp } from '../store/app.ts'
import { useRoute } from '../store/route.ts'
import { strings } from '../strings.ts'
import { note, noteError, noteNeed } from '../ui/toasts.tsx'

export function Notices() {
  const epoch = useApp(app => app.epoch)
  const hasOwn = useApp(app => app.known?.state.shell.hasNotifications ?? true)
  useEffect(() => {
    if (epoch === 0 || hasOwn) return undefined
    const aborted = new AbortController()
    // Its end is the connection's end, which the connection bar tells of.
    show(aborted.signal).catch(() => undefined)
    return () => aborted.abort()
  }, [epoch, hasOwn])
  return null
}

const SHOWN = { conflict: noteNeed, hold: noteNeed, error: noteError, recovery: note } as const

async function show(signal: AbortSignal): Promise<void> {
  for await (const notice of await host().state.notices(undefined, { signal })) {
    if (isShown(notice.folderId)) continue
    const title = `${strings.notices[notice.kind]} – ${shownName(notice.folderName)}`
    SHOWN[notice.kind](title, notice.message)
  }
}

/** Whoever looks at the folder sees it there already. */
function isShown(folderId: string): boolean {
  const { route } = useRoute.getState()
  return document.visibilityState === 'visible' && route.view === 'folder' && route.folder === folderId
}
