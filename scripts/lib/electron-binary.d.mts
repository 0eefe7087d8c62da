/** The types of electron-binary.mjs for the tests, which are TypeScript. */
export function whyNoDesktop(machine: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly uid: number | undefined
  readonly hasBinary: boolean
}): string | null
export function whyNotElectron(): Promise<string | null>
export function electronBinary(env?: Readonly<Record<string, string | undefined>>): string | null
