/** On or off, at once. The label beside it is part of the target. */
import { Switch as Base } from '@base-ui/react/switch'
import { type ReactNode, useId } from 'react'

interface SwitchRowProps {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly checked: boolean
  readonly disabled?: boolean
  readonly onChange: (checked: boolean) => void
}

export function SwitchRow({ label, hint, checked, disabled, onChange }: SwitchRowProps) {
  const id = useId()
  const hintId = useId()
  return (
    <div className="flex items-center justify-between gap-6 py-3">
      <div className="min-w-0">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {hint !== undefined && (
          <div id={hintId} className="mt-0.5 text-sm text-ink-2">
            {hint}
          </div>
        )}
      </div>
      <Base.Root
        id={id}
        nativeButton
        render={<button type="button" />}
        aria-describedby={hint === undefined ? undefined : hintId}
        checked={checked}
        disabled={disabled ?? false}
        onCheckedChange={onChange}
        className="flex h-5 w-9 shrink-0 items-center rounded-full border border-edge bg-sunken p-0.5 transition-colors duration-150 data-checked:border-accent data-checked:bg-accent data-disabled:opacity-45"
      >
        <Base.Thumb className="size-3.5 rounded-full bg-ink-3 transition-[translate,background-color] duration-150 ease-out data-checked:translate-x-4 data-checked:bg-on-accent" />
      </Base.Root>
    </div>
  )
}
