/** What a custom adapter is told when it is made: the one argument of its class or factory. */

export interface CustomAdapterOptions {
  /** The app whose records will be asked for; the methods are told it again. */
  readonly appId: string
  /** The private channel's user; null where there is none. */
  readonly userId: string | null
  /** The project's folder, absolute. */
  readonly project: string
  /** The content folder, absolute. */
  readonly contentRoot: string
  /** The variables of the project's .env, and over them those of the real environment. */
  readonly env: Readonly<Record<string, string | undefined>>
}
