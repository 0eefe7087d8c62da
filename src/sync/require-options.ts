/** What a program gives to the library, checked before anything is done with it: TypeScript's word is not everybody's. */
import { adapterFaults } from '../adapters/custom/shape.ts'
import { nameFault, SHARED_OWNER } from '../engine/core/record-id.ts'

type Given = Readonly<Record<string, unknown>>

/** Throws a TypeError that names the option, and `who` it was given to. */
export function requireContentRoot(options: unknown, who: string): void {
  requireText(
    requireObject(options, who),
    'contentRoot',
    who,
    `the folder that holds the content, './data' say`,
  )
}

/** Of the constructor of FileSync. Throws a TypeError that names the option. */
export function requireFileSyncOptions(options: unknown): void {
  const who = 'new FileSync'
  const given = requireObject(options, who)
  const appId = requireText(given, 'appId', who, 'the name under which devices share')
  const ownerId = requireText(
    given,
    'ownerId',
    who,
    `the owner of the shared channel's records, '${SHARED_OWNER}'`,
  )
  requireContentRoot(given, who)
  if (given['syncConfigPath'] !== undefined)
    requireText(given, 'syncConfigPath', who, 'the path of sync-config.json, or nothing')
  const fault = nameFault('app', appId) ?? (ownerId === SHARED_OWNER ? null : nameFault('user', ownerId))
  if (fault !== null) throw new TypeError(fault)
  requireAdapter(given['adapter'], who)
}

export function requireUserId(userId: unknown): void {
  if (typeof userId !== 'string')
    throw new TypeError(`initPrivateSync(userId) needs the user's id, a text; it is ${kindOf(userId)}.`)
  const fault = nameFault('user', userId)
  if (fault !== null) throw new TypeError(fault)
}

function requireObject(options: unknown, who: string): Given {
  if (isObject(options)) return options
  throw new TypeError(`${who} needs an object with its options; it is ${kindOf(options)}.`)
}

function requireText(options: Given, name: string, who: string, meaning: string): string {
  const value = options[name]
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`${who} needs the option ${name}: ${meaning}. It is ${kindOf(value)}.`)
}

function requireAdapter(adapter: unknown, who: string): void {
  if (adapter === undefined)
    throw new TypeError(
      `${who} needs the option adapter: an object with the methods of a FileSyncAdapter. It is undefined. ` +
        'createFileSync({ contentRoot }) takes the database that .env names.',
    )
  const faults = adapterFaults(adapter)
  if (faults.length > 0) throw new TypeError(`The adapter is not one. ${faults.join(' ')}`)
}

function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null
}

function kindOf(value: unknown): string {
  if (value === '') return 'empty'
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'an array' : `of the type ${typeof value}`
}
