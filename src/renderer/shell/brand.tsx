/** The name with its mark: two lines in step. */
import { strings } from '../strings.ts'

export function Brand() {
  return (
    <div className="flex items-center gap-2.5">
      <svg aria-hidden width="20" height="20" viewBox="0 0 20 20" fill="none">
        <rect width="20" height="20" rx="5.5" fill="var(--color-accent)" />
        <path
          d="M4.5 9.25h3.25L10 6h5.5M4.5 14h3.25L10 10.75h5.5"
          stroke="var(--color-on-accent)"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      <span className="text-base font-semibold tracking-[-0.012em]">{strings.app.name}</span>
    </div>
  )
}
