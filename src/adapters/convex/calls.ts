/**
 * The functions that `lockstep setup convex` writes, as they are called (functions/files.ts).
 *
 * By reference and not by generated code, which only the user's own project has.
 */
import { type FunctionReference, makeFunctionReference } from 'convex/server'
import type {
  ChangesResult,
  CommitResult,
  HeadsResult,
  RecordsResult,
  VersionResult,
} from './functions/files.ts'
import type { FileRow } from './functions/lockstep/record.ts'

type Query<Args extends Record<string, unknown>, Result> = FunctionReference<'query', 'public', Args, Result>
type Mutation<Args extends Record<string, unknown>, Result> = FunctionReference<
  'mutation',
  'public',
  Args,
  Result
>

type Keyed<Args> = Args & { key?: string }
type ChannelArgs = { app: string; ownerId: string }
type PageArgs = Keyed<ChannelArgs & { after: string | null }>

export type CommitWrite = {
  id: string
  expected: string | null
  record: Omit<FileRow, 'id'> | null
}

export const calls = {
  version: query<Keyed<object>, VersionResult>('version'),
  identity: query<Keyed<object>, string | null>('identity'),
  name: mutation<Keyed<{ name: string; insteadOf: string | null }>, string>('name'),
  get: query<Keyed<{ id: string }>, FileRow | null>('get'),
  upsert: mutation<Keyed<{ id: string } & Partial<Omit<FileRow, 'id'>>>, null>('upsert'),
  remove: mutation<Keyed<{ id: string }>, null>('remove'),
  heads: query<PageArgs, HeadsResult>('heads'),
  scan: query<PageArgs, HeadsResult>('scan'),
  repair: mutation<PageArgs, HeadsResult>('repair'),
  records: query<Keyed<{ ids: string[] }>, RecordsResult>('records'),
  commit: mutation<Keyed<{ operation: string; writes: CommitWrite[] }>, CommitResult[] | null>('commit'),
  settle: mutation<Keyed<{ operations: string[] }>, (CommitResult[] | null)[]>('settle'),
  changes: query<Keyed<ChannelArgs & { after: number | null }>, ChangesResult>('changes'),
  adopt: mutation<Keyed<{ ids: string[] }>, null>('adopt'),
} as const

function query<Args extends Record<string, unknown>, Result>(name: string): Query<Args, Result> {
  return makeFunctionReference<'query', Args, Result>(`files:${name}`)
}

function mutation<Args extends Record<string, unknown>, Result>(name: string): Mutation<Args, Result> {
  return makeFunctionReference<'mutation', Args, Result>(`files:${name}`)
}
