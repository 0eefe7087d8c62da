/** One of a few values, in a list that opens. */
import { Select as Base } from '@base-ui/react/select'
import { Check, ChevronsUpDown } from 'lucide-react'
import { cx } from './cx.ts'
import { popups } from './popups.ts'

interface Option<T extends string> {
  readonly value: T
  readonly label: string
}

interface SelectProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly Option<T>[]
  readonly onChange: (value: T) => void
  readonly className?: string
}

export function Select<T extends string>({ label, value, options, onChange, className }: SelectProps<T>) {
  return (
    <Base.Root items={options} value={value} onValueChange={next => next !== null && onChange(next)}>
      <Base.Trigger
        aria-label={label}
        className={cx(
          'flex h-8 min-w-32 items-center justify-between gap-2 rounded-md border border-edge bg-raised pr-2 pl-3 text-base select-none hover:bg-hover data-popup-open:bg-hover',
          className,
        )}
      >
        <Base.Value />
        <Base.Icon>
          <ChevronsUpDown aria-hidden className="size-4 text-ink-3" strokeWidth={1.75} />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal container={popups}>
        <Base.Positioner className="z-50 outline-none" sideOffset={4} alignItemWithTrigger={false}>
          <Base.Popup className="min-w-(--anchor-width) rounded-lg border border-line bg-raised p-1 shadow-pop outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            <Base.List className="max-h-(--available-height) overflow-y-auto outline-none">
              {options.map(option => (
                <Base.Item
                  key={option.value}
                  value={option.value}
                  className="grid h-8 grid-cols-[16px_1fr] items-center gap-2 rounded-md pr-4 pl-2 outline-none select-none data-highlighted:bg-hover"
                >
                  <Base.ItemIndicator className="col-start-1">
                    <Check aria-hidden className="size-4 text-accent" strokeWidth={2} />
                  </Base.ItemIndicator>
                  <Base.ItemText className="col-start-2">{option.label}</Base.ItemText>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
