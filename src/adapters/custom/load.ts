/**
 * Makes the adapter that a module of the user's own offers: its default export is a class, or a function
 * that gives an adapter or a promise of one.
 *
 * Runs that module's code. Whoever calls this has made sure that the user agreed to it.
 */
import { AdapterError, type EngineAdapter } from '../../engine/ports/adapter.ts'
import { type Mask, maskedError } from '../masked.ts'
import { type AgreedCode, agreedAddress } from './agreed-code.ts'
import type { CustomAdapterOptions } from './options.ts'
import { adapterFaults, isAdapter } from './shape.ts'

export interface CustomAdapterModule {
  /** The module first: nothing else of the project is run. */
  readonly code: AgreedCode
  readonly options: CustomAdapterOptions
}

/** Rejects with `AdapterError` 'invalid', which says what the module lacks. `mask` takes secrets out of a text. */
export async function loadCustomAdapter(
  { code, options }: CustomAdapterModule,
  mask: Mask,
): Promise<EngineAdapter> {
  const path = code.files[0]?.path ?? ''
  const exported = await defaultExportOf(path, code, mask)
  const adapter = await make(exported, path, options, mask)
  if (isAdapter(adapter)) return adapter
  throw invalid(`The adapter that ${path} makes is not one. ${adapterFaults(adapter).join(' ')}`)
}

async function defaultExportOf(path: string, code: AgreedCode, mask: Mask): Promise<unknown> {
  let module: unknown
  try {
    module = await import(/* @vite-ignore */ agreedAddress(code))
  } catch (cause) {
    throw invalid(`The adapter ${path} cannot be loaded: ${messageOf(cause, mask)}`, maskedError(cause, mask))
  }
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default
  throw invalid(`The adapter ${path} has no default export. Export a class or a function as default.`)
}

async function make(
  exported: unknown,
  path: string,
  options: CustomAdapterOptions,
  mask: Mask,
): Promise<unknown> {
  if (typeof exported !== 'function') {
    throw invalid(
      `The default export of ${path} is no function. Export a class, or a function that makes the adapter.`,
    )
  }
  try {
    const made: unknown = isClass(exported)
      ? Reflect.construct(exported, [options])
      : Reflect.apply(exported, undefined, [options])
    return await made
  } catch (cause) {
    throw invalid(`The adapter ${path} cannot be made: ${messageOf(cause, mask)}`, maskedError(cause, mask))
  }
}

/** A class may not be called, and says so in its source text; a function may not always be constructed. */
function isClass(value: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value))
}

function messageOf(error: unknown, mask: Mask): string {
  const message = mask(error instanceof Error ? error.message : String(error))
  return /[.!?]$/.test(message) ? message : `${message}.`
}

function invalid(message: string, cause?: unknown): AdapterError {
  return new AdapterError('invalid', message, { retryable: false, cause })
}
