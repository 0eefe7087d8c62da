/** Tabs over one panel: the arrow keys move along them, and only the shown panel exists. */
import { Tabs as Base } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'

interface TabsProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly onChange: (value: T) => void
  readonly tabs: readonly { readonly value: T; readonly label: string; readonly badge?: ReactNode }[]
  readonly children: ReactNode
}

export function Tabs<T extends string>({ label, value, onChange, tabs, children }: TabsProps<T>) {
  return (
    <Base.Root
      value={value}
      onValueChange={next => {
        const chosen = tabs.find(tab => tab.value === next)
        if (chosen !== undefined) onChange(chosen.value)
      }}
      className="flex min-h-0 flex-1 flex-col"
    >
      <Base.List
        activateOnFocus
        aria-label={label}
        className="relative flex shrink-0 gap-5 border-b border-line px-8 max-[1000px]:px-6"
      >
        {tabs.map(tab => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className="flex h-10 items-center gap-1.5 rounded-sm text-ink-2 outline-offset-[-2px] transition-colors duration-100 hover:text-ink data-active:font-medium data-active:text-ink"
          >
            {tab.label}
            {tab.badge}
          </Base.Tab>
        ))}
        <Base.Indicator className="absolute bottom-[-1px] left-0 h-0.5 w-(--active-tab-width) translate-x-(--active-tab-left) rounded-full bg-accent transition-[translate,width] duration-150 ease-out" />
      </Base.List>
      {/* The panel's own first control takes the focus, so the panel itself is no stop. */}
      <Base.Panel value={value} tabIndex={-1} className="min-h-0 flex-1 outline-none">
        {children}
      </Base.Panel>
    </Base.Root>
  )
}
