/**
 * How a record's id is made of app, owner and path (design, section 2), and which names may go into it.
 *
 * App and user have no `@` and no `:`, so ids of two scopes are never equal, and an id gives its path back.
 */

/** The owner of the shared channel's records. */
export const SHARED_OWNER = 'shared'

export interface RecordScope {
  readonly appId: string
  readonly ownerId: string
}

export function recordId(scope: RecordScope, path: string): string {
  return idPrefix(scope) + path
}

/** Null where the id belongs to another scope or was made in another way. */
export function pathOfId(scope: RecordScope, id: string): string | null {
  const prefix = idPrefix(scope)
  return id.length > prefix.length && id.startsWith(prefix) ? id.slice(prefix.length) : null
}

/** The path of a private record as agent-native's own file sync names it: as a shared one, under the user's owner. */
export function pathOfServerId({ appId, ownerId }: RecordScope, id: string): string | null {
  return ownerId === SHARED_OWNER ? null : pathOfId({ appId, ownerId: SHARED_OWNER }, id)
}

function idPrefix(scope: RecordScope): string {
  return scope.ownerId === SHARED_OWNER ? `${scope.appId}:` : `${scope.appId}@${scope.ownerId}:`
}

const VARIABLES = { app: 'FILE_SYNC_APP_ID', user: 'FILE_SYNC_USER_ID' } as const
const TITLES = { app: 'app id', user: 'user id' } as const

/** Why this may not be an app's or a user's id, and how to set a good one; null where it may. */
export function nameFault(kind: 'app' | 'user', value: string): string | null {
  const advice = `Set ${VARIABLES[kind]} to one of your own, for example ${VARIABLES[kind]}=${suggestion(kind, value)}.`
  if (!/^[A-Za-z0-9_-]+$/.test(value)) {
    const shown = value === '' ? 'is empty' : `"${value}" is not allowed`
    return `The ${TITLES[kind]} ${shown}: it may have only letters A to Z, digits, "_" and "-". ${advice}`
  }
  // R15: files of a user of this name would lie under the shared owner, for everybody to read.
  if (kind === 'user' && isSharedOwner(value)) {
    return `The user id "${value}" is the name of the shared channel. ${advice}`
  }
  return null
}

function suggestion(kind: 'app' | 'user', value: string): string {
  const cleaned = value
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .replace(/^-|-$/g, '')
  const isGood = cleaned !== '' && !(kind === 'user' && isSharedOwner(cleaned))
  return isGood ? cleaned : `my-${kind}`
}

/** In any case: adapters and databases need not tell `Shared` from `shared`. */
function isSharedOwner(name: string): boolean {
  return name.toLowerCase() === SHARED_OWNER
}
