/**
 * Two or more projects, one SQLite file between them, and the app's own state, all in a temporary folder
 * that goes with the test, together with every process that was started in it.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { decodeContent } from '../../src/engine/core/content.ts'
import { folderHome } from '../../src/platform/home.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { noteFolder, noteRemoved } from './orphans.ts'
import { Project } from './project.ts'
import { differences, isEqual, latin1, temporaryFiles, type Tree } from './tree.ts'
import { PATIENCE_MS, until } from './until.ts'

export const APP = 'story'

export interface WorldOptions {
  readonly names?: readonly string[]
  readonly patterns?: readonly string[]
  readonly privatePatterns?: readonly string[]
  /** Lines of `.env` by project. */
  readonly env?: Readonly<Record<string, readonly string[]>>
}

export interface Row {
  readonly id: string
  readonly path: string
  readonly content: string
  readonly app: string
  readonly owner_id: string
  readonly last_updated: number
  readonly created_at: number
}

export class World {
  readonly folder: string
  readonly databasePath: string
  readonly home: string
  readonly projects: readonly Project[]
  readonly #clients: Database[] = []

  constructor(options: WorldOptions = {}) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-story-')))
    noteFolder(this.folder)
    this.home = join(this.folder, 'home')
    mkdirSync(join(this.folder, 'shared'))
    this.databasePath = join(this.folder, 'shared', 'sync.db')
    this.projects = (options.names ?? ['a', 'b']).map(name => this.#makeProject(name, options))
  }

  get a(): Project {
    return this.projects[0]!
  }

  get b(): Project {
    return this.projects[1]!
  }

  /** A connection of a program that knows nothing of Lockstep. */
  database(): Database {
    const client = new Sqlite(this.databasePath, { timeout: PATIENCE_MS })
    this.#clients.push(client)
    return client
  }

  /** A first use of the database, for rows that are put there before any engine has been. */
  createTable(): void {
    const client = this.database()
    client.exec(
      'CREATE TABLE files (id TEXT PRIMARY KEY, path TEXT, content TEXT, app TEXT, owner_id TEXT, last_updated BIGINT, created_at BIGINT)',
    )
    client.close()
  }

  rows(where = '1 = 1'): Row[] {
    return this.#query(client =>
      client.prepare<[], Row>(`SELECT * FROM files WHERE ${where} ORDER BY id`).all(),
    )
  }

  /** Puts a row there as an older writer does: whatever was there before. */
  put(row: Partial<Row> & { readonly path: string }): void {
    const now = Date.now()
    const id = row.id ?? `${APP}:${row.path}`
    const full = {
      id,
      content: '{}',
      app: APP,
      owner_id: 'shared',
      last_updated: now,
      created_at: now,
      ...row,
    }
    this.#query(client =>
      client
        .prepare(
          'INSERT OR REPLACE INTO files VALUES (@id, @path, @content, @app, @owner_id, @last_updated, @created_at)',
        )
        .run(full),
    )
  }

  execute(sql: string): void {
    this.#query(client => client.exec(sql))
  }

  /** The ids of all records that hold `condition` (of `new`) when they are written from now on, however briefly. */
  noteWrites(condition: string): () => string[] {
    this.execute(`
      CREATE TABLE noted (id TEXT);
      CREATE TRIGGER note_insert AFTER INSERT ON files WHEN ${condition} BEGIN INSERT INTO noted VALUES (new.id); END;
      CREATE TRIGGER note_update AFTER UPDATE ON files WHEN ${condition} BEGIN INSERT INTO noted VALUES (new.id); END;
    `)
    return () => this.#query(client => client.prepare<[], string>('SELECT id FROM noted').pluck().all())
  }

  /** Asks the state that the engine keeps of a project. */
  stateOf<Result>(project: Project, ask: (client: Database) => Result): Result {
    const path = join(folderHome(this.home, project.folder), 'state.db')
    const client = new Sqlite(path, { readonly: true, timeout: PATIENCE_MS })
    try {
      return ask(client)
    } finally {
      client.close()
    }
  }

  /** The shared files as the database holds them, below `folder`. */
  databaseTree(folder = 'data'): Tree {
    const tree = new Map<string, string>()
    for (const { path, content } of this.rows(`app = '${APP}' AND owner_id = 'shared'`)) {
      const bytes = decodeContent(content, nodeCodec)
      if (path.startsWith(`${folder}/`))
        tree.set(path, bytes === null ? `undecodable ${content}` : latin1(bytes))
    }
    return tree
  }

  /** What is done meanwhile is for the engines as if it had happened in one moment, however slow this process is. */
  atOnce(work: () => void): void {
    const engines = this.projects.flatMap(({ engine }) => engine ?? [])
    for (const engine of engines) engine.halt()
    try {
      work()
    } finally {
      for (const engine of engines) engine.goOn()
    }
  }

  async watchAll(): Promise<void> {
    await Promise.all(this.projects.map(project => project.watch()))
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.projects.map(project => project.stop()))
  }

  /** Until every engine that runs is idle, all trees and the database hold the same, and nothing of sync lies about (R2). */
  async inStep(folder = 'data'): Promise<Tree> {
    await until(
      () => this.#areIdle() && this.#areEqual(folder) && this.#isTidy(),
      'all sides to be in step',
      () => this.#describe(folder),
    )
    return this.a.tree(folder)
  }

  /** For `await using`: tests that run at the same time each end their own. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
    await Promise.all(this.projects.map(project => project.kill()))
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
    noteRemoved(this.folder)
  }

  #makeProject(name: string, options: WorldOptions): Project {
    const project = new Project(name, join(this.folder, name), { LOCKSTEP_HOME: this.home })
    project.write('package.json', `${JSON.stringify({ name: APP })}\n`)
    project.configure({
      syncFilePatterns: options.patterns ?? ['data/**'],
      privateSyncFilePatterns: options.privatePatterns ?? [],
    })
    const lines = ['FILE_SYNC_SQLITE_PATH=../shared/sync.db', ...(options.env?.[name] ?? []), '']
    project.write('.env', lines.join('\n'))
    return project
  }

  #query<Result>(work: (client: Database) => Result): Result {
    const client = new Sqlite(this.databasePath, { timeout: PATIENCE_MS })
    try {
      return work(client)
    } finally {
      client.close()
    }
  }

  #areIdle(): boolean {
    return this.projects.every(({ engine }) => engine === null || engine.isIdle)
  }

  #areEqual(folder: string): boolean {
    const known = this.databaseTree(folder)
    return this.projects.every(project => isEqual(project.tree(folder), known))
  }

  #isTidy(): boolean {
    return this.projects.every(project => temporaryFiles(project.folder).length === 0)
  }

  #describe(folder: string): string {
    const known = this.databaseTree(folder)
    return this.projects
      .map(project =>
        [
          `${project.name} against the database:`,
          ...differences(project.tree(folder), known),
          ...temporaryFiles(project.folder).map(path => `left: ${path}`),
          project.engine?.describe() ?? '',
        ].join('\n'),
      )
      .join('\n')
  }
}
