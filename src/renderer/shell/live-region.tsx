/** What a screen reader is told without moving there: each sentence once, politely. */
import { create } from 'zustand'

interface Said {
  readonly text: string
}

const useSaid = create<Said>(() => ({ text: '' }))

export function say(text: string): void {
  // The same sentence again must be a change, or it is not read again.
  useSaid.setState(({ text: before }) => ({ text: before === text ? `${text}\u00A0` : text }))
}

export function LiveRegion() {
  const text = useSaid(said => said.text)
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {text}
    </div>
  )
}
