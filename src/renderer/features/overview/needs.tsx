/** What needs a person, each with one clear next step. Nothing is shown where nothing does. */
import {
  CircleAlert,
  CloudOff,
  FileCog,
  GitCompareArrows,
  Hand,
  ShieldQuestionMark,
  TriangleAlert,
  Users,
} from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { shownName, shownText } from '../../../contract/shown.ts'
import type { FolderState } from '../../../contract/state.ts'
import { folderRoute, go, holdRoute, type Route } from '../../store/route.ts'
import { strings } from '../../strings.ts'
import { mendingTab } from '../folder/mend.ts'
import { appChangeOf } from '../hold/app-change.ts'
import { Button } from '../../ui/button.tsx'
import type { Tone } from '../../ui/callout.tsx'
import { cx } from '../../ui/cx.ts'
import { NameText } from '../../ui/name-text.tsx'
import { Card, Section } from '../../ui/page.tsx'

const texts = strings.needs

interface Need {
  readonly key: string
  readonly icon: LucideIcon
  readonly tone: Extract<Tone, 'warn' | 'bad'> | 'quiet'
  readonly title: string
  readonly detail: string
  readonly action: string
  readonly to: Route
}

export function Needs({ folders }: { readonly folders: readonly FolderState[] }) {
  const needs = folders.flatMap(folder => needsIn(folder).map(need => ({ folder, need })))
  if (needs.length === 0) return null
  return (
    <Section title={TITLE}>
      <Card>
        <ul className="divide-y divide-line">
          {needs.map(({ folder, need }) => (
            <li key={`${folder.id} ${need.key}`} className="flex items-start gap-3 px-4 py-3.5">
              <need.icon
                aria-hidden
                className={cx('mt-0.5 size-4 shrink-0', TONES[need.tone])}
                strokeWidth={2}
              />
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-baseline gap-x-2">
                  <span className="font-medium">{shownText(need.title)}</span>
                  <span className="text-ink-3">
                    <NameText name={folder.name} />
                  </span>
                </p>
                <p className="mt-0.5 break-words text-ink-2">{shownText(need.detail)}</p>
              </div>
              <Button
                className="self-center"
                onClick={() => go(need.to)}
                aria-label={shownText(`${need.action}: ${need.title}, ${shownName(folder.name)}`)}
              >
                {need.action}
              </Button>
            </li>
          ))}
        </ul>
      </Card>
    </Section>
  )
}

const TITLE = strings.overview.needsTitle

const TONES = { warn: 'text-warn', bad: 'text-bad', quiet: 'text-ink-3' } as const

/** As many as there are below that wait for a person; what comes right by itself is shown, but not counted. */
export function countNeeds(folders: readonly FolderState[]): number {
  return folders.flatMap(needsIn).filter(need => need.tone !== 'quiet').length
}

function needsIn(folder: FolderState): Need[] {
  return [wholeFolder(folder), conflicts(folder), holds(folder), waiting(folder), problems(folder)].filter(
    need => need !== null,
  )
}

/** What stops the whole folder: at most one of these is worth saying. */
function wholeFolder(folder: FolderState): Need | null {
  const { id, fault, untrusted, heldBy, state } = folder
  const base = { key: 'folder', to: folderRoute(id) }
  if (heldBy !== null) {
    const detail = strings.folder.heldByText(heldBy.command, heldBy.pid)
    return { ...base, icon: Users, tone: 'quiet', title: texts.heldBy, detail, action: texts.look }
  }
  if (fault !== null) {
    const tab = mendingTab(fault)
    return {
      ...base,
      icon: CircleAlert,
      tone: 'bad',
      title: texts.fault,
      detail: fault.message,
      action: tab === null ? texts.look : texts.mend,
      to: folderRoute(id, tab ?? 'files'),
    }
  }
  if (untrusted !== null) {
    const detail = texts.untrustedDetail
    return {
      ...base,
      icon: ShieldQuestionMark,
      tone: 'warn',
      title: texts.untrusted,
      detail,
      action: texts.look,
    }
  }
  const whole = folder.problemList.find(problem => problem.path === null)
  if (state === 'error') {
    const detail = whole?.message ?? strings.failure.internal
    return { ...base, icon: CircleAlert, tone: 'bad', title: texts.error, detail, action: texts.look }
  }
  if (state === 'offline') {
    const detail = whole?.message ?? texts.offlineDetail
    const to = folderRoute(id, 'backend')
    return { ...base, icon: CloudOff, tone: 'quiet', title: texts.offline, detail, action: texts.look, to }
  }
  if (whole !== undefined && state === 'held') {
    const isQuestion = appChangeOf(folder) !== null
    const place = isQuestion ? { action: texts.review, to: holdRoute(id) } : { action: texts.look }
    return { ...base, icon: Hand, tone: 'warn', title: texts.waits, detail: whole.message, ...place }
  }
  if (whole !== undefined) {
    const detail = whole.message
    return { ...base, icon: TriangleAlert, tone: 'warn', title: texts.partly, detail, action: texts.look }
  }
  return null
}

function conflicts({ id, conflicts: number }: FolderState): Need | null {
  if (number === 0) return null
  return {
    key: 'conflicts',
    icon: GitCompareArrows,
    tone: 'warn',
    title: texts.conflicts(number),
    detail: texts.conflictsDetail,
    action: texts.resolve,
    to: folderRoute(id, 'conflicts'),
  }
}

function holds({ id, holds: number }: FolderState): Need | null {
  if (number === 0) return null
  return {
    key: 'holds',
    icon: Hand,
    tone: 'warn',
    title: texts.holds(number),
    detail: texts.holdsDetail,
    action: texts.review,
    to: holdRoute(id),
  }
}

/** All else is in step without them. */
function waiting({ id, waiting: number }: FolderState): Need | null {
  if (number === 0) return null
  return {
    key: 'waiting',
    icon: FileCog,
    tone: 'warn',
    title: texts.waitingFiles(number),
    detail: texts.waitingFilesDetail,
    action: texts.look,
    to: holdRoute(id, 'contents'),
  }
}

function problems({ id, problemList }: FolderState): Need | null {
  const ofFiles = problemList.filter(problem => problem.path !== null)
  const [first] = ofFiles
  if (first === undefined) return null
  return {
    key: 'problems',
    icon: TriangleAlert,
    tone: 'warn',
    title: texts.problems(ofFiles.length),
    detail: ofFiles.length === 1 ? `${shownName(first.path ?? '')}: ${first.message}` : first.message,
    action: texts.show,
    to: folderRoute(id, 'files', ofFiles.length === 1 ? first.path : null),
  }
}
