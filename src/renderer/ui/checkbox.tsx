/** Yes or no within a form or a list. */
import { Checkbox as Base } from '@base-ui/react/checkbox'
import { Check, Minus } from 'lucide-react'
import type { ReactNode } from 'react'

interface CheckboxProps {
  readonly label: ReactNode
  /** Said instead of a visible label, where the row is the label. */
  readonly hiddenLabel?: boolean
  readonly checked: boolean
  readonly mixed?: boolean
  readonly onChange: (checked: boolean) => void
}

export function Checkbox({ label, hiddenLabel, checked, mixed, onChange }: CheckboxProps) {
  return (
    <label className="flex items-center gap-2.5 select-none">
      <Base.Root
        checked={checked}
        indeterminate={mixed ?? false}
        onCheckedChange={onChange}
        className="flex size-4 shrink-0 items-center justify-center rounded-sm border border-edge bg-raised data-checked:border-accent data-checked:bg-accent data-indeterminate:border-accent data-indeterminate:bg-accent"
      >
        <Base.Indicator className="text-on-accent">
          {mixed ? (
            <Minus aria-hidden className="size-3" strokeWidth={3} />
          ) : (
            <Check aria-hidden className="size-3" strokeWidth={3} />
          )}
        </Base.Indicator>
      </Base.Root>
      <span className={hiddenLabel ? 'sr-only' : undefined}>{label}</span>
    </label>
  )
}
