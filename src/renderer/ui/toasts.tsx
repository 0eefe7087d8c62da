/** Short notes of what has just happened. Errors stay until they are closed; F6 leads to them. */
import { Toast } from '@base-ui/react/toast'
import { CircleAlert, CircleCheck, Hand, X } from 'lucide-react'
import { shownText } from '../../contract/shown.ts'
import { strings } from '../strings.ts'
import { cx } from './cx.ts'

const toasts = Toast.createToastManager()

/** In milliseconds. An error is not taken away while somebody may still be reading it. */
const NOTE_MS = 5_000

export function note(title: string, description?: string): void {
  toasts.add({ ...shown(title, description), type: 'note', timeout: NOTE_MS })
}

/** Of what waits for a person, who finds it in the page afterwards too. */
export function noteNeed(title: string, description?: string): void {
  toasts.add({ ...shown(title, description), type: 'need', timeout: NOTE_MS })
}

export function noteError(title: string, description?: string): void {
  toasts.add({ ...shown(title, description), type: 'error', timeout: 0, priority: 'high' })
}

/** Both may name files, and hold what a system or a database has said. */
function shown(title: string, description: string | undefined): { title: string; description?: string } {
  return {
    title: shownText(title),
    ...(description === undefined ? {} : { description: shownText(description) }),
  }
}

export function Toasts({ children }: { readonly children: React.ReactNode }) {
  return (
    <Toast.Provider toastManager={toasts} limit={2}>
      {children}
      <Toast.Portal>
        <Toast.Viewport
          aria-label={strings.common.notes}
          // At the top, for the answers of dialogs are at the bottom. Clicks go through to what a note lies over.
          className="fixed top-4 left-1/2 z-60 flex w-90 max-w-[calc(100vw-32px)] -translate-x-1/2 flex-col gap-2 pointer-events-none"
        >
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function ToastList() {
  const { toasts: shown } = Toast.useToastManager()
  return shown.map(toast => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="rounded-lg border border-line bg-raised shadow-pop transition-[opacity,translate] duration-200 ease-out data-ending-style:opacity-0 data-limited:hidden data-starting-style:-translate-y-2 data-starting-style:opacity-0"
    >
      <Toast.Content className="flex items-start gap-3 p-3 pl-4">
        <Mark type={toast.type} />
        <div className="min-w-0 flex-1">
          <Toast.Title render={<p />} className="font-medium break-words" />
          <Toast.Description render={<div />} className={cx('mt-0.5 break-words text-ink-2')} />
        </div>
        <Toast.Close
          aria-label={strings.common.dismiss}
          className="pointer-events-auto -mt-1 flex size-7 shrink-0 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
        >
          <X aria-hidden className="size-4" strokeWidth={1.75} />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ))
}

const MARKS = {
  error: [CircleAlert, 'text-bad'],
  need: [Hand, 'text-warn'],
  note: [CircleCheck, 'text-ok'],
} as const

function Mark({ type }: { readonly type: string | undefined }) {
  const [Icon, tone] = type === 'error' || type === 'need' ? MARKS[type] : MARKS.note
  return <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', tone)} strokeWidth={2} />
}
