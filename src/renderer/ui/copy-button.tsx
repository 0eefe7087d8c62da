/** Copies a text and says so in its own place. */
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { strings } from '../strings.ts'
import { Button } from './button.tsx'
import { noteError } from './toasts.tsx'

/** How long the tick stays, in milliseconds. */
const TICK_MS = 2_000

interface CopyButtonProps {
  readonly text: string
  readonly label?: string
  readonly size?: 'sm' | 'md'
}

export function CopyButton({ text, label = strings.common.copy, size = 'sm' }: CopyButtonProps) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), TICK_MS)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <Button
      kind="quiet"
      size={size}
      icon={copied ? Check : Copy}
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => noteError(strings.common.copyFailed),
        )
      }}
    >
      <span aria-live="polite">{copied ? strings.common.copied : label}</span>
    </Button>
  )
}
