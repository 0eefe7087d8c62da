/** A value that follows what is typed once the typing rests. */
import { useEffect, useState } from 'react'

/** In milliseconds: shorter than a person waits for, longer than between two keys. */
const REST_MS = 150

export function useDelayed<T>(value: T, rest = REST_MS): T {
  const [delayed, setDelayed] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(value), rest)
    return () => clearTimeout(timer)
  }, [value, rest])
  return delayed
}
