/** Which modules the app and its packages have loaded so far: what a start costs, whatever the machine. */
import type { LoadedModule } from './control-protocol.ts'

type Source = string | NodeJS.TypedArray | ArrayBuffer | null | undefined

export const loaded: LoadedModule[] = []

/** The stand-in's own are no part of the app. */
const OWN = new URL('.', import.meta.url).href

export function noteLoaded(url: string, source: Source): void {
  if (!url.startsWith('file:') || url.startsWith(OWN)) return
  loaded.push({ url, bytes: source === null || source === undefined ? 0 : Buffer.byteLength(source) })
}
