/**
 * Dialogs. The focus goes in, stays in, and returns to what opened them; Escape and the close button leave
 * without doing anything.
 */
import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { type ReactNode, type RefObject, useRef, useState } from 'react'
import { strings } from '../strings.ts'
import { IconButton } from './button.tsx'
import { cx } from './cx.ts'
import { shownNode } from './shown-node.ts'

/** A list that shows what was decided does so within this time, in milliseconds. */
const KEPT_MS = 10_000

const SIZES = {
  sm: 'w-[440px]',
  md: 'w-[560px]',
  lg: 'w-[760px]',
  full: 'w-[min(1200px,calc(100vw-48px))] h-[calc(100dvh-48px)]',
} as const

interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  readonly description?: ReactNode
  readonly size?: keyof typeof SIZES
  readonly footer?: ReactNode
  /** Beside the close button. */
  readonly actions?: ReactNode
  readonly initialFocus?: RefObject<HTMLElement | null>
  readonly padded?: boolean
  readonly children?: ReactNode
}

export function Dialog(props: DialogProps) {
  const { open, onClose, title, description, size = 'md', footer, actions, initialFocus, children } = props
  const popup = useRef<HTMLDivElement>(null)
  const [opener] = useState(() => document.activeElement)
  return (
    <Base.Root open={open} onOpenChange={next => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 bg-[light-dark(rgb(15_23_42/0.28),rgb(0_0_0/0.55))] transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Viewport className="fixed inset-0 z-30 flex items-center justify-center p-6">
          <Base.Popup
            ref={popup}
            // Not the close button, which comes first: its tooltip would open.
            initialFocus={initialFocus ?? popup}
            finalFocus={() => focusAfter(opener)}
            className={cx(
              'flex max-h-full max-w-full flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-dialog outline-none',
              'transition-[opacity,scale] duration-150 ease-out data-ending-style:scale-[0.985] data-ending-style:opacity-0 data-starting-style:scale-[0.985] data-starting-style:opacity-0',
              SIZES[size],
            )}
          >
            <header className="flex items-start gap-4 px-6 pt-5 pb-4">
              <div className="min-w-0 flex-1">
                <Base.Title className="text-lg font-semibold break-words">{shownNode(title)}</Base.Title>
                {description !== undefined && (
                  <Base.Description render={<div />} className="mt-1 text-ink-2">
                    {shownNode(description)}
                  </Base.Description>
                )}
              </div>
              <div className="-mt-1 -mr-2 flex items-center gap-1">
                {actions}
                <IconButton icon={X} label={strings.common.close} onClick={onClose} />
              </div>
            </header>
            <div className={cx('min-h-0 flex-1 overflow-y-auto', props.padded !== false && 'px-6 pb-6')}>
              {children}
            </div>
            {footer !== undefined && (
              <footer className="flex items-center justify-end gap-2 border-t border-line px-6 py-4">
                {footer}
              </footer>
            )}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  )
}

/** What opened the dialog; where that is gone, as a resolved row is, the view itself. */
function focusAfter(opener: Element | null): HTMLElement | null {
  if (!(opener instanceof HTMLElement) || !opener.isConnected || opener === document.body) return view()
  keepFocus(opener)
  return opener
}

/** The opener may go a moment later, as the row of what was resolved does: then the view takes the focus over. */
function keepFocus(opener: HTMLElement): void {
  const seen = new MutationObserver(() => {
    if (opener.isConnected || document.activeElement !== document.body) return
    seen.disconnect()
    view()?.focus()
  })
  seen.observe(document.body, { childList: true, subtree: true })
  setTimeout(() => seen.disconnect(), KEPT_MS)
}

function view(): HTMLElement | null {
  return document.getElementById('content')
}
