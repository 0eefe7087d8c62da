/** One of two to four values that are all worth seeing at once. */
import { Toggle } from '@base-ui/react/toggle'
import { ToggleGroup } from '@base-ui/react/toggle-group'
import type { LucideIcon } from 'lucide-react'
import { cx } from './cx.ts'

interface SegmentedProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string; readonly icon?: LucideIcon }[]
  readonly onChange: (value: T) => void
  readonly className?: string
}

export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
  className,
}: SegmentedProps<T>) {
  return (
    <ToggleGroup
      aria-label={label}
      value={[value]}
      onValueChange={([next]) => {
        const chosen = options.find(option => option.value === next)
        if (chosen !== undefined) onChange(chosen.value)
      }}
      className={cx('inline-flex shrink-0 rounded-md border border-line bg-sunken p-0.5', className)}
    >
      {options.map(({ value: key, label: text, icon: Icon }) => (
        <Toggle
          key={key}
          value={key}
          className="flex h-6.5 items-center gap-1.5 rounded-[5px] border border-transparent px-2.5 text-sm font-medium text-ink-2 select-none hover:text-ink data-pressed:border-line-strong data-pressed:bg-raised data-pressed:text-ink"
        >
          {Icon !== undefined && <Icon aria-hidden className="size-3.5" strokeWidth={1.75} />}
          {text}
        </Toggle>
      ))}
    </ToggleGroup>
  )
}
