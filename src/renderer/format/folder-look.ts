/**
 * How a folder's state is shown: one icon's shape, one word and one tone (pure).
 *
 * What needs a person comes first, then what a person has decided, then what sync itself is doing.
 */
import {
  CircleAlert,
  CircleCheck,
  CirclePause,
  CloudOff,
  Hand,
  type LucideIcon,
  Power,
  RefreshCw,
  Users,
} from 'lucide-react'
import type { FolderState } from '../../contract/state.ts'
import { strings } from '../strings.ts'

export type LookTone = 'ok' | 'busy' | 'quiet' | 'warn' | 'bad'

export interface Look {
  readonly icon: LucideIcon
  readonly word: string
  readonly tone: LookTone
  /** It moves while work goes on. */
  readonly isTurning: boolean
}

const words = strings.folderState

export function lookOf(folder: FolderState): Look {
  if (folder.heldBy !== null) return look(Users, words.elsewhere, 'quiet')
  if (folder.fault !== null || folder.state === 'error') return look(CircleAlert, words.error, 'bad')
  if (folder.untrusted !== null) return look(Hand, words.needsYou, 'warn')
  if (folder.switchedOff) return look(Power, words.off, 'quiet')
  if (folder.conflicts + folder.holds > 0 || folder.state === 'held')
    return look(Hand, words.needsYou, 'warn')
  if (folder.paused !== 'no' || folder.state === 'paused') return look(CirclePause, words.paused, 'quiet')
  if (folder.state === 'offline') return look(CloudOff, words.offline, 'quiet')
  return workOf(folder)
}

function workOf(folder: FolderState): Look {
  if (folder.state === 'starting') return look(RefreshCw, words.starting, 'busy', true)
  if (folder.state === 'scanning') return look(RefreshCw, words.scanning, 'busy', true)
  if (folder.state === 'syncing') return look(RefreshCw, words.syncing, 'busy', true)
  if (folder.pending > 0) return look(RefreshCw, words.waiting(folder.pending), 'busy')
  return look(CircleCheck, words['in-step'], 'ok')
}

function look(icon: LucideIcon, word: string, tone: LookTone, isTurning = false): Look {
  return { icon, word, tone, isTurning }
}

/** Decisions that only a person can make, in this folder. */
export function needsOf(folder: FolderState): number {
  const whole = folder.fault !== null || folder.untrusted !== null || folder.state === 'error'
  return folder.conflicts + (folder.holds > 0 ? 1 : 0) + (whole ? 1 : 0)
}
