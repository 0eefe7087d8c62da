/**
 * Each backend with a server of its own in this process, for engines in others: what a project's .env says, and
 * how one device is cut off. The name of a device is that of its project.
 */
import { mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Gate } from './firestore/gate.ts'
import type { Line } from '../stand-ins/supabase/line.ts'
import { writeDocsCode } from './docs-code.ts'
import type { Project } from './project.ts'

export interface BackendServer {
  /** Makes a project use it; before its first engine. */
  connect(project: Project): Promise<void>
  cut(device: string): Promise<void>
  restore(device: string): Promise<void>
  /** What all devices have asked of the database so far, in `unit`; null where nobody counts. */
  calls(): Promise<number | null>
  /** What the provider counts, and bills. */
  readonly unit: string
  close(): Promise<void>
}

/** `folder` is the world's, and goes with it. */
export type StartBackend = (folder: string) => Promise<BackendServer>

/** Starts what it needs when it is called; nothing is loaded for a backend that is not asked for. */
export const BACKENDS: Readonly<Record<string, StartBackend>> = {
  custom: startCustom,
  firestore: startFirestoreDatabase,
  supabase: startSupabaseProject,
  convex: startConvexDeployment,
}

/** The adapter of docs/adapters.md: a folder of JSON files, which each device reaches through a link of its own. */
async function startCustom(folder: string): Promise<BackendServer> {
  const records = join(folder, 'records')
  mkdirSync(records)
  const link = (device: string): string => join(folder, `records-of-${device}`)
  return {
    async connect(project) {
      symlinkSync(records, link(project.name))
      mkdirSync(project.at('lib'), { recursive: true })
      writeDocsCode('adapters.md', project.at('lib'))
      project.write(
        '.env',
        settings({
          FILE_SYNC_BACKEND: 'custom',
          FILE_SYNC_ADAPTER: 'lib/json-folder.mjs',
          RECORDS_FOLDER: link(project.name),
        }),
      )
      const { code, stderr } = await project.run('doctor', '--trust-adapter')
      if (code !== 0) throw new Error(`doctor ended with ${code}: ${stderr}`)
    },
    cut: async device => renameSync(link(device), `${link(device)}.cut`),
    restore: async device => renameSync(`${link(device)}.cut`, link(device)),
    calls: async () => null,
    unit: 'calls',
    close: async () => {},
  }
}

async function startFirestoreDatabase(): Promise<BackendServer> {
  const { startFirestore } = await import('./firestore/stand-in.ts')
  const database = await startFirestore()
  const gates = new Map<string, Gate>()
  let billed = 0
  return {
    async connect(project) {
      const gate = await database.openGate()
      gates.set(project.name, gate)
      const values = { FIRESTORE_EMULATOR_HOST: gate.host, GOOGLE_CLOUD_PROJECT: 'demo-lockstep' }
      project.write('.env', settings({ FILE_SYNC_BACKEND: 'firestore', ...values }))
    },
    cut: async device => gates.get(device)?.cut(),
    restore: async device => gates.get(device)?.reopen(),
    calls: async () => {
      const { reads, writes, deletes } = database.takeMeter()
      return (billed += reads + writes + deletes)
    },
    unit: 'documents read, written or deleted',
    close: () => database.stop(),
  }
}

/** With two users who sign in, as our SQL asks for. */
async function startSupabaseProject(): Promise<BackendServer> {
  const { openLine } = await import('../stand-ins/supabase/line.ts')
  const { startSupabase } = await import('../stand-ins/supabase/stand-in.ts')
  const project = await startSupabase()
  await project.reset({ access: 'signed-in' })
  const lines = new Map<string, Line>()
  return {
    async connect(side) {
      const line = await openLine(project.port)
      lines.set(side.name, line)
      const [email, password] = [`${side.name}@example.com`, `the password of ${side.name}`]
      await project.signUp(email, password)
      side.write(
        '.env',
        settings({
          FILE_SYNC_BACKEND: 'supabase',
          SUPABASE_URL: `http://127.0.0.1:${line.port}`,
          SUPABASE_PUBLISHABLE_KEY: project.key,
          SUPABASE_EMAIL: email,
          SUPABASE_PASSWORD: password,
        }),
      )
    },
    cut: async device => lines.get(device)?.cut(),
    restore: async device => lines.get(device)?.restore(),
    calls: async () => (await project.status()).requests.length,
    unit: 'requests',
    async close() {
      await Promise.all([...lines.values()].map(line => line.close()))
      await project.stop()
    },
  }
}

async function startConvexDeployment(): Promise<BackendServer> {
  const { ConvexStandIn } = await import('../stand-ins/convex/server.ts')
  const server = await ConvexStandIn.start({ syncKey: 'the key' })
  return {
    async connect(project) {
      const url = server.url(project.name)
      project.write(
        '.env',
        settings({ FILE_SYNC_BACKEND: 'convex', CONVEX_URL: url, CONVEX_SYNC_KEY: 'the key' }),
      )
    },
    cut: async device => server.cut(device),
    restore: async device => server.restore(device),
    calls: async () => server.deployment.callCount,
    unit: 'function calls',
    close: () => server.close(),
  }
}

function settings(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('')
}
