/** The activity of the last hours as a small curve. The words beside it say the same in numbers. */
import { useId } from 'react'

interface SparklineProps {
  /** Changes in each step of time, the newest last. */
  readonly values: readonly number[]
  readonly label: string
  readonly width?: number
  readonly height?: number
}

const PADDING = 2

export function Sparkline({ values, label, width = 96, height = 24 }: SparklineProps) {
  const gradient = useId()
  const line = curve(values, width, height)
  const floor = height - PADDING
  return (
    <svg
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      fill="none"
    >
      <defs>
        <linearGradient id={gradient} x1="0" x2="0" y1="0" y2="1">
          <stop offset="0" stopColor="var(--color-accent)" stopOpacity="0.22" />
          <stop offset="1" stopColor="var(--color-accent)" stopOpacity="0" />
        </linearGradient>
      </defs>
      <path d={`M0 ${floor}H${width}`} stroke="var(--color-line)" />
      {line !== null && (
        <>
          <path d={`${line}V${floor}H${PADDING}Z`} fill={`url(#${gradient})`} />
          <path
            d={line}
            stroke="var(--color-accent)"
            strokeWidth="1.5"
            strokeLinejoin="round"
            strokeLinecap="round"
          />
        </>
      )}
    </svg>
  )
}

/** Null where nothing happened: the floor alone says so. The square root keeps a quiet hour visible beside a busy one. */
function curve(values: readonly number[], width: number, height: number): string | null {
  const highest = Math.max(0, ...values)
  if (highest === 0 || values.length < 2) return null
  const step = (width - 2 * PADDING) / (values.length - 1)
  const points = values.map((value, index) => ({
    x: PADDING + index * step,
    y: height - PADDING - Math.sqrt(value / highest) * (height - 3 * PADDING),
  }))
  return points
    .map(({ x, y }, index) => {
      const before = points[index - 1]
      if (before === undefined) return `M${round(x)} ${round(y)}`
      const middle = round((before.x + x) / 2)
      return `C${middle} ${round(before.y)} ${middle} ${round(y)} ${round(x)} ${round(y)}`
    })
    .join('')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
