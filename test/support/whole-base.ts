import type { BaseEntry } from '../../src/engine/core/entry.ts'
import type { ScopeId, StateStore } from '../../src/engine/ports/state-store.ts'

/** All pages of a scope's base, by path. */
export function wholeBase(store: Pick<StateStore, 'basePages'>, scope: ScopeId): Map<string, BaseEntry> {
  return new Map([...store.basePages(scope)].flat())
}
