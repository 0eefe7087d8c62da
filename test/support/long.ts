/** LOCKSTEP_LONG asks for campaigns: what is tried at random is tried for hours instead of seconds. */
export const IS_LONG = process.env['LOCKSTEP_LONG'] !== undefined

/** How often something is tried. */
export function times(often: { readonly short: number; readonly long: number }): number {
  return IS_LONG ? often.long : often.short
}
