/** A menu of actions behind one button. */
import { Menu as Base } from '@base-ui/react/menu'
import type { LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { cx } from './cx.ts'
import { popups } from './popups.ts'

interface MenuProps {
  readonly trigger: ReactElement
  readonly align?: 'start' | 'end'
  readonly children: ReactNode
}

export function Menu({ trigger, align = 'end', children }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal container={popups}>
        <Base.Positioner sideOffset={4} align={align} className="z-50 outline-none">
          <Base.Popup className="min-w-44 origin-(--transform-origin) rounded-lg border border-line bg-raised p-1 shadow-pop outline-none transition-[opacity,scale] duration-100 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

interface MenuItemProps {
  readonly icon?: LucideIcon
  readonly danger?: boolean
  readonly disabled?: boolean
  readonly onClick: () => void
  readonly children: ReactNode
}

export function MenuItem({ icon: Icon, danger, disabled, onClick, children }: MenuItemProps) {
  return (
    <Base.Item
      onClick={onClick}
      disabled={disabled ?? false}
      className={cx(
        'flex h-8 items-center gap-2.5 rounded-md px-2 pr-4 outline-none select-none data-highlighted:bg-hover data-disabled:opacity-45',
        danger ? 'text-bad' : 'text-ink',
      )}
    >
      {Icon !== undefined && <Icon aria-hidden className="size-4 shrink-0 opacity-75" strokeWidth={1.75} />}
      {children}
    </Base.Item>
  )
}

export function MenuSeparator() {
  return <Base.Separator className="mx-1 my-1 h-px bg-line" />
}
