/** When the app is ready. Of its own, because half of Electron may not be used before. */
let isIt = false
const listeners: (() => void)[] = []

export function isReady(): boolean {
  return isIt
}

export function becomeReady(): void {
  isIt = true
  for (const listener of listeners.splice(0)) listener()
}

export function onReady(listener: () => void): void {
  if (isIt) listener()
  else listeners.push(listener)
}

/** Throws what Electron throws. */
export function mustBeReady(sentence: string): void {
  if (!isIt) throw new Error(sentence)
}
