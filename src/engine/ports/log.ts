/** An ERROR means that someone should look. Fields must never hold a secret or a file's content. */

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields & { readonly error?: string }): void
}
