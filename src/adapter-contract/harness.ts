/** What the suite needs of an adapter, and what it may have to provoke: a cut line, wrong credentials, no table. */
import type { EngineAdapter } from '../engine/ports/adapter.ts'
import type { RemoteStore } from '../engine/ports/remote-store.ts'

/** Made anew for every case, on an empty database. */
export interface AdapterHarness {
  /** This device's. */
  readonly adapter: EngineAdapter
  /** Another device's, on the same database. */
  readonly other: EngineAdapter
  /** Whether the adapter tells any two writes apart and writes on a condition (`heads`, `getMany`, `commit`). */
  readonly isComplete: boolean
  /** Removes what the case left behind; the adapters are disposed by then. */
  cleanUp(): Promise<void>

  /** Cases that the database itself makes impossible, by their names, each with the reason; reported as skipped. */
  readonly limitations?: Readonly<Record<string, string>>
  /** Cuts `adapter`, and only it, off the database: calls fail or wait, and the feed hears nothing. */
  readonly cut?: () => Promise<void>
  /** Ends the cut. */
  readonly reconnect?: () => Promise<void>
  /** An adapter whose credentials the database refuses; disposed by the suite. */
  readonly openDenied?: () => Promise<DeniedAdapter>
  /** An adapter of a database without the table, or without the functions; disposed by the suite. */
  readonly openWithoutTable?: () => Promise<EngineAdapter>
}

export interface DeniedAdapter {
  readonly adapter: EngineAdapter
  /** What must appear in no error: the key, the password. Empty where there is none. */
  readonly secret: string
}

/** As much of a test framework as the suite needs: those of `node:test` and of Vitest fit. */
export interface TestFramework {
  readonly describe: (name: string, body: () => void) => unknown
  readonly test: (name: string, body: (context: TestContext) => Promise<void>) => unknown
}

export interface TestContext {
  skip(reason?: string): unknown
}

/** What a case works with. */
export interface Sides {
  readonly harness: AdapterHarness
  /** The shared channel of the app `app`, as this device's engine sees it. */
  readonly here: RemoteStore
  /** The same, as another device's engine sees it. */
  readonly there: RemoteStore
}

export interface ContractCase {
  readonly name: string
  /** Why this harness cannot show it; null where it can. */
  readonly skip?: (harness: AdapterHarness) => string | null
  readonly run: (sides: Sides) => Promise<void>
}

export interface CaseGroup {
  readonly name: string
  readonly cases: readonly ContractCase[]
}
