/** Buttons: one primary in a view at most, the rest quiet. Icon buttons always carry a name and a tooltip. */
import type { LucideIcon } from 'lucide-react'
import { LoaderCircle } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cx } from './cx.ts'
import { Tip } from './tip.tsx'

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger' | 'quiet-danger'

const KINDS: Readonly<Record<ButtonKind, string>> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover border-transparent',
  secondary: 'bg-raised text-ink border-line-strong hover:bg-hover active:bg-press',
  quiet: 'bg-transparent text-ink-2 border-transparent hover:bg-hover hover:text-ink active:bg-press',
  'quiet-danger': 'bg-transparent text-bad border-transparent hover:bg-bad-soft',
  danger: 'bg-bad text-on-accent hover:bg-bad-hover border-transparent',
}

const SIZES = {
  sm: 'h-7 px-2 gap-1.5 text-sm',
  md: 'h-8 px-3 gap-2 text-base',
} as const

interface Look {
  readonly kind?: ButtonKind
  readonly size?: keyof typeof SIZES
}

export function buttonClass({ kind = 'secondary', size = 'md' }: Look = {}): string {
  return cx(
    'inline-flex shrink-0 items-center justify-center rounded-md border font-medium whitespace-nowrap select-none',
    'transition-colors duration-100 disabled:opacity-45 disabled:pointer-events-none aria-disabled:opacity-45',
    KINDS[kind],
    SIZES[size],
  )
}

interface ButtonProps extends ComponentProps<'button'>, Look {
  readonly icon?: LucideIcon
  /** Shows that its work goes on; it cannot be pressed again meanwhile, and keeps the focus. */
  readonly busy?: boolean
}

export function Button({
  kind,
  size,
  icon: Icon,
  busy = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const Shown = busy ? LoaderCircle : Icon
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? event => event.preventDefault() : onClick}
      className={cx(buttonClass({ ...(kind && { kind }), ...(size && { size }) }), className)}
    >
      {Shown !== undefined && (
        <Shown aria-hidden className={cx('size-4 shrink-0', busy && 'animate-turn')} strokeWidth={1.75} />
      )}
      {children}
    </button>
  )
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly icon: LucideIcon
  readonly label: string
  readonly size?: 'sm' | 'md'
}

export function IconButton({ icon: Icon, label, size = 'md', className, ...rest }: IconButtonProps) {
  return (
    <Tip text={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={cx(
          'inline-flex shrink-0 items-center justify-center rounded-md text-ink-2 transition-colors duration-100',
          'hover:bg-hover hover:text-ink active:bg-press disabled:pointer-events-none disabled:opacity-45',
          'data-popup-open:bg-press data-popup-open:text-ink',
          size === 'sm' ? 'size-7' : 'size-8',
          className,
        )}
      >
        <Icon aria-hidden className="size-4" strokeWidth={1.75} />
      </button>
    </Tip>
  )
}

/** A button that reads like part of a sentence. */
export function TextButton({
  className,
  children,
  ...rest
}: ComponentProps<'button'> & { children: ReactNode }) {
  return (
    <button
      type="button"
      {...rest}
      className={cx(
        'rounded-sm font-medium text-accent underline decoration-accent-line underline-offset-3 hover:decoration-current',
        className,
      )}
    >
      {children}
    </button>
  )
}
