/**
 * Whether something is an adapter: five methods, and any of the abilities that is there, of the right kind.
 *
 * Looks at the shape alone and calls nothing. What the methods give back is checked where it is used.
 */
import type { AdapterAbilities, EngineAdapter, FileSyncAdapter } from '../../engine/ports/adapter.ts'

const METHODS = ['query', 'get', 'set', 'delete', 'subscribe'] as const satisfies (keyof FileSyncAdapter)[]
/** They speak of the same etags, so one without the others is of no use. */
const RECORD_ABILITIES = ['heads', 'getMany', 'commit'] as const satisfies (keyof AdapterAbilities)[]
const OPTIONAL_METHODS = [
  'dispose',
  'watchHeads',
  'identity',
  'deletes',
  'orderOf',
  'remembers',
  'signedInUser',
] as const
const LIMITS = ['contentBytes', 'batchItems', 'batchBytes'] as const

/** Sentences for the adapter's author: what is missing or wrong; empty for an adapter. */
export function adapterFaults(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [`It is ${describe(value)}, not an object.`]
  return [
    ...missingMethods(value),
    ...OPTIONAL_METHODS.flatMap(name => wrongKind(value, name)),
    ...recordAbilityFaults(value),
    ...limitFaults(member(value, 'limits')),
  ]
}

export function isAdapter(value: unknown): value is EngineAdapter {
  return adapterFaults(value).length === 0
}

function missingMethods(value: object): string[] {
  const missing = METHODS.filter(name => typeof member(value, name) !== 'function')
  if (missing.length === 0) return []
  const names = missing.map(name => `${name}()`).join(', ')
  return [`It has no ${names}. An adapter has ${METHODS.map(name => `${name}()`).join(', ')}.`]
}

function recordAbilityFaults(value: object): string[] {
  const present = RECORD_ABILITIES.filter(name => member(value, name) !== undefined)
  const missing = RECORD_ABILITIES.filter(name => member(value, name) === undefined)
  if (present.length > 0 && missing.length > 0) {
    const has = present.map(name => `${name}()`).join(' and ')
    const lacks = missing.map(name => `${name}()`).join(' and ')
    return [`It has ${has} but no ${lacks}. Offer heads(), getMany() and commit() together, or none of them.`]
  }
  return present.flatMap(name => wrongKind(value, name))
}

function wrongKind(value: object, name: string): string[] {
  const found = member(value, name)
  if (found === undefined || typeof found === 'function') return []
  return [`Its "${name}" is ${describe(found)}, not a method.`]
}

function limitFaults(limits: unknown): string[] {
  if (limits === undefined) return []
  if (typeof limits !== 'object' || limits === null)
    return [`Its "limits" is ${describe(limits)}, not an object.`]
  return LIMITS.flatMap(name => {
    const limit = member(limits, name)
    if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit > 0) return []
    return [`Its limits.${name} is ${describe(limit)}, not a whole number above 0.`]
  })
}

function member(value: object, name: string): unknown {
  return name in value ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
