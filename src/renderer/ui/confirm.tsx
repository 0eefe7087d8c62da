/** A question before something that cannot be taken back. Says what will happen; the safe answer has the focus. */
import { AlertDialog } from '@base-ui/react/alert-dialog'
import { type ReactNode, useRef } from 'react'
import { strings } from '../strings.ts'
import { Button } from './button.tsx'
import { shownNode } from './shown-node.ts'

interface ConfirmProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly onConfirm: () => void
  readonly title: string
  readonly children: ReactNode
  /** What the button does, as a verb. */
  readonly action: string
  readonly danger?: boolean
  readonly busy?: boolean
}

export function Confirm({ open, onClose, onConfirm, title, children, action, danger, busy }: ConfirmProps) {
  const cancel = useRef<HTMLButtonElement>(null)
  return (
    <AlertDialog.Root open={open} onOpenChange={next => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-[light-dark(rgb(15_23_42/0.28),rgb(0_0_0/0.55))] transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <AlertDialog.Viewport className="fixed inset-0 z-40 flex items-center justify-center p-6">
          <AlertDialog.Popup
            initialFocus={cancel}
            className="flex max-h-full w-[440px] max-w-full flex-col gap-2 overflow-y-auto rounded-xl border border-line bg-raised p-6 shadow-dialog outline-none transition-[opacity,scale] duration-150 ease-out data-ending-style:scale-[0.985] data-ending-style:opacity-0 data-starting-style:scale-[0.985] data-starting-style:opacity-0"
          >
            <AlertDialog.Title className="text-lg font-semibold">{shownNode(title)}</AlertDialog.Title>
            <AlertDialog.Description render={<div />} className="flex flex-col gap-2 text-ink-2">
              {shownNode(children)}
            </AlertDialog.Description>
            <div className="mt-4 flex justify-end gap-2">
              <Button ref={cancel} onClick={onClose}>
                {strings.common.cancel}
              </Button>
              <Button kind={danger ? 'danger' : 'primary'} busy={busy ?? false} onClick={onConfirm}>
                {action}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
