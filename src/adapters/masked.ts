/**
 * An adapter whose errors show no secret (R17.8): a custom one says what it likes, and a server may say back what it was
 * sent. Whatever it throws, rejects with, reports to a feed's `onError` or in the results of `commit` comes out as an
 * `AdapterError` with its text masked; all else is passed through.
 */
import type { AdapterError, EngineAdapter } from '../engine/ports/adapter.ts'
import { asAdapterError } from './adapter-error.ts'

export type Mask = (text: string) => string

export function masked(adapter: EngineAdapter, mask: Mask): EngineAdapter {
  // Of a frozen object a proxy may give away nothing but what is there.
  const nothing: Partial<EngineAdapter> = {}
  return new Proxy(nothing, {
    has: (_, name) => Reflect.has(adapter, name),
    get(_, name) {
      const member: unknown = Reflect.get(adapter, name, adapter)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        try {
          const result: unknown = Reflect.apply(member, adapter, withMaskedListener(name, args, mask))
          return isPromiseLike(result) ? afterwards(result, name, mask) : result
        } catch (error) {
          throw maskedError(error, mask)
        }
      }
    },
  }) as EngineAdapter
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

async function afterwards(result: PromiseLike<unknown>, name: string | symbol, mask: Mask): Promise<unknown> {
  try {
    const value = await result
    return name === 'commit' && Array.isArray(value) ? value.map(each => withMaskedError(each, mask)) : value
  } catch (error) {
    throw maskedError(error, mask)
  }
}

/** One of the results of `commit`. */
function withMaskedError(result: unknown, mask: Mask): unknown {
  if (typeof result !== 'object' || result === null || !('error' in result)) return result
  return { ...result, error: maskedError(result.error, mask) }
}

const FEEDS: ReadonlySet<string | symbol> = new Set(['subscribe', 'watchHeads'])

/** Both feeds take `onError` last. */
function withMaskedListener(name: string | symbol, args: unknown[], mask: Mask): unknown[] {
  const onError = args.at(-1)
  if (!FEEDS.has(name) || !isListener(onError)) return args
  return [...args.slice(0, -1), (error: unknown) => onError(maskedError(error, mask))]
}

function isListener(value: unknown): value is (error: unknown) => void {
  return typeof value === 'function'
}

export function maskedError(error: unknown, mask: Mask): AdapterError {
  return asAdapterError(copyOf(error, mask))
}

/** An error may be its own cause. */
const MOST_CAUSES = 5

/** With nothing else of the original in it: drivers hang whole connections on their errors. */
function copyOf(error: unknown, mask: Mask, depth = 0): unknown {
  if (!(error instanceof Error)) return mask(String(error))
  const { name, message, stack = '', cause } = error
  const copy = new Error(
    mask(message),
    cause === undefined || depth === MOST_CAUSES ? {} : { cause: copyOf(cause, mask, depth + 1) },
  )
  copy.name = name
  copy.stack = mask(stack)
  for (const field of ['code', 'retryable']) {
    const value: unknown = Reflect.get(error, field)
    if (value !== undefined) Object.assign(copy, { [field]: typeof value === 'string' ? mask(value) : value })
  }
  return copy
}
