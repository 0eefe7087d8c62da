/** For the tests, whose compiler reads no JavaScript. */
export const CHROMIUM_HINT: string
export const APT_OPTIONS: readonly string[]
export function findChromium(): string | null
export function canInstallChromium(): boolean
