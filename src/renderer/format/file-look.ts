/** How a file's state is shown: one icon's shape and one tone (pure). */
import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  CloudOff,
  GitCompareArrows,
  Hand,
  type LucideIcon,
  RefreshCw,
} from 'lucide-react'
import type { LookTone } from './folder-look.ts'

interface FileLook {
  readonly icon: LucideIcon
  readonly tone: LookTone
}

const LOOKS: Readonly<Record<string, FileLook>> = {
  'in-step': { icon: CircleCheck, tone: 'ok' },
  pending: { icon: RefreshCw, tone: 'busy' },
  settling: { icon: RefreshCw, tone: 'busy' },
  conflict: { icon: GitCompareArrows, tone: 'warn' },
  held: { icon: Hand, tone: 'warn' },
  problem: { icon: CircleAlert, tone: 'bad' },
  refused: { icon: CircleAlert, tone: 'bad' },
  denied: { icon: CircleSlash, tone: 'quiet' },
  excluded: { icon: CircleSlash, tone: 'quiet' },
  unmatched: { icon: CircleSlash, tone: 'quiet' },
  'private-without-user': { icon: CircleSlash, tone: 'quiet' },
  offline: { icon: CloudOff, tone: 'quiet' },
}

/** The host may know states that this page does not; they are shown by their word and a plain mark. */
export function fileLook(state: string): FileLook {
  return LOOKS[state] ?? { icon: CircleDashed, tone: 'quiet' }
}
