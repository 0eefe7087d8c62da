/** What a notification says and where a click on it leads (pure). The host has joined and chosen them already. */
import { shownName, shownText } from '../contract/shown.ts'
import type { Notice } from '../contract/state.ts'
import type { Place } from './place.ts'

export interface NoticeText {
  readonly title: string
  readonly body: string
  readonly place: Place
  /** A newer one with the same key takes the older one's place. */
  readonly key: string
}

const TITLES: Readonly<Record<Notice['kind'], string>> = {
  conflict: 'Conflict',
  hold: 'Held back',
  error: 'Sync has stopped',
  recovery: 'In step again',
}

const TABS = { conflict: 'conflicts', hold: 'hold', error: 'files', recovery: 'files' } as const

/** What is wrong with a folder and what mends it are one story: the end replaces the beginning. */
const STORIES: Readonly<Record<Notice['kind'], string>> = {
  conflict: 'conflict',
  hold: 'hold',
  error: 'health',
  recovery: 'health',
}

export function noticeText(
  { kind, folderId, folderName, message }: Notice,
  platform: NodeJS.Platform = process.platform,
): NoticeText {
  return {
    title: `${TITLES[kind]} – ${shownName(folderName)}`,
    body: platform === 'linux' ? literal(shownText(message)) : shownText(message),
    place: { view: 'folder', id: folderId, tab: TABS[kind] },
    key: `${STORIES[kind]} ${folderId}`,
  }
}

/**
 * Linux reads markup in a body, links and pictures among it, and Electron passes it on as it is; some show nothing at all
 * of one that has a lone `&`. https://specifications.freedesktop.org/notification-spec/latest/markup.html
 */
function literal(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
