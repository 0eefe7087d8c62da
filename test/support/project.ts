/** One project folder, as the programs and people that work in it see it, and the commands they give. */
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type {
  ConflictReport,
  DecisionOutcome,
  HistoryReport,
  PlanReport,
  StatusReport,
} from '../../src/engine/report.ts'
import type { SyncSummary } from '../../src/engine/status.ts'
import { Engine, type Environment, type Outcome, runCommand } from './lockstep.ts'
import { type Tree, treeOf } from './tree.ts'

export type Content = string | Uint8Array

export class Project {
  readonly name: string
  readonly folder: string
  readonly env: Environment
  #engine: Engine | null = null

  constructor(name: string, folder: string, env: Environment) {
    this.name = name
    this.folder = folder
    this.env = env
  }

  at(path: string): string {
    return join(this.folder, path)
  }

  /** In place: truncates the file, then writes. */
  write(path: string, content: Content): void {
    mkdirSync(dirname(this.at(path)), { recursive: true })
    writeFileSync(this.at(path), content)
  }

  append(path: string, content: Content): void {
    appendFileSync(this.at(path), content)
  }

  /** As careful programs do: whole under another name, then renamed. */
  save(path: string, content: Content): void {
    const temporary = `${path}.${Math.random().toString(36).slice(2)}~`
    this.write(temporary, content)
    this.rename(temporary, path)
  }

  rename(path: string, to: string): void {
    mkdirSync(dirname(this.at(to)), { recursive: true })
    renameSync(this.at(path), this.at(to))
  }

  /** A file, or a folder with all that is in it. */
  remove(path: string): void {
    rmSync(this.at(path), { recursive: true })
  }

  has(path: string): boolean {
    return lstatSync(this.at(path), { throwIfNoEntry: false }) !== undefined
  }

  /** The content as text; null where there is no file. */
  read(path: string): string | null {
    return existsSync(this.at(path)) ? readFileSync(this.at(path), 'utf8') : null
  }

  tree(folder = 'data'): Tree {
    return treeOf(this.folder, folder)
  }

  configure(config: unknown): void {
    this.save('data/sync-config.json', `${JSON.stringify(config, null, 2)}\n`)
  }

  /** The same project by another way. */
  reachedBy(folder: string): Project {
    return new Project(this.name, folder, this.env)
  }

  get engine(): Engine | null {
    return this.#engine
  }

  /** Starts an engine; resolves once it has looked at both sides. */
  async watch(): Promise<Engine> {
    return this.startEngine().ready()
  }

  startEngine(env: Environment = {}): Engine {
    this.#engine = new Engine(this.folder, { ...this.env, ...env })
    return this.#engine
  }

  async stop(): Promise<number | string | null> {
    const engine = this.#engine
    this.#engine = null
    return engine === null ? null : engine.stop()
  }

  async kill(): Promise<void> {
    const engine = this.#engine
    this.#engine = null
    await engine?.kill()
  }

  run(...args: readonly string[]): Promise<Outcome> {
    const [command = '', ...rest] = args
    return runCommand([command, this.folder, ...rest, '--json'], this.env)
  }

  /** Runs `sync` and throws where its exit code is not the one expected. */
  async sync(expectedCode = 0): Promise<SyncSummary> {
    return this.#json(await this.run('sync'), expectedCode) as SyncSummary
  }

  async status(expectedCode = 0): Promise<StatusReport> {
    return this.#json(await this.run('status'), expectedCode) as StatusReport
  }

  async plan(expectedCode = 0): Promise<PlanReport> {
    return this.#json(await this.run('plan'), expectedCode) as PlanReport
  }

  async conflicts(expectedCode = 3): Promise<ConflictReport[]> {
    return this.#json(await this.run('conflicts'), expectedCode) as ConflictReport[]
  }

  async decide(decision: 'approve' | 'restore-held'): Promise<DecisionOutcome> {
    return this.#json(await this.run(decision), 0) as DecisionOutcome
  }

  /** Every version in the history, with contents. */
  async history(): Promise<HistoryReport[]> {
    return this.#json(await this.run('history', '--contents'), 0) as HistoryReport[]
  }

  #json(outcome: Outcome, expectedCode: number): unknown {
    if (outcome.code !== expectedCode || outcome.json === undefined) {
      const { code, stdout, stderr } = outcome
      throw new Error(`${this.name} ended with ${code}, not ${expectedCode}\n${stdout}\n${stderr}`)
    }
    return outcome.json
  }
}
