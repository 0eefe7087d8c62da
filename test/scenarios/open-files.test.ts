/** Real programs that hold real files open while the engine replaces them, or appends to them (R1.2, R9.3). */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, lstatSync, openSync } from 'node:fs'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { noteProcess } from '../support/orphans.ts'
import type { Project } from '../support/project.ts'
import { temporaryFiles } from '../support/tree.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

vi.setConfig({ maxConcurrency: 4 })

const LOG = 'data/log.jsonl'
const NOTES = 'data/notes.md'
const NOTE = 'one\ntwo\nthree\nfour\nfive\n'

/** A program that writes what it is given into a file that it has opened once, as a shell's `>>` opens it, or `1<>`. */
class Program {
  readonly #child: ChildProcess

  constructor(project: Project, path: string, flags: 'a' | 'r+') {
    const file = openSync(project.at(path), flags)
    this.#child = spawn('cat', { stdio: ['pipe', file, 'ignore'] })
    noteProcess(this.#child)
    closeSync(file)
  }

  async ready(): Promise<this> {
    if (this.#child.pid === undefined) await once(this.#child, 'spawn')
    return this
  }

  write(text: string): void {
    this.#child.stdin!.write(text)
  }

  async end(): Promise<void> {
    this.#child.stdin!.end()
    await once(this.#child, 'close')
  }
}

async function inStep(path: string, content: string): Promise<World> {
  const world = new World()
  world.a.write(path, content)
  for (const project of world.projects) await project.sync()
  return world
}

const has = (project: Project, path: string, text: string): (() => boolean) => {
  return () => project.read(path)?.includes(text) === true
}

describe.concurrent('a program that holds a file open', () => {
  beforeEach(context => {
    if (process.platform !== 'linux') context.skip('only Linux tells who has a file open')
  })

  test('R9.3 appends to a log, as another one does on another device, and no line is lost', async () => {
    await using world = await inStep(LOG, '{"n":0}\n')
    const { a, b } = world
    const programs = [await new Program(a, LOG, 'a').ready(), await new Program(b, LOG, 'a').ready()]
    await world.watchAll()
    const told = ['{"n":0}']
    for (let n = 1; n <= 6; n += 1) {
      for (const [index, program] of programs.entries()) {
        program.write(`{"${'ab'[index]}":${n}}\n`)
        told.push(`{"${'ab'[index]}":${n}}`)
      }
      // As often as it takes both to have seen some of each other, and none of all.
      await until(() => world.rows()[0]!.content.includes(`:${n}}`), 'a line of this round')
    }
    const linesOf = (project: Project): string[] => project.read(LOG)!.split('\n').filter(Boolean).sort()
    for (const project of [a, b])
      await until(() => linesOf(project).length >= told.length, `all lines on ${project.name}`)
    for (const program of programs) await program.end()
    await world.inStep()
    expect([linesOf(a), linesOf(b)]).toEqual([told.sort(), told.sort()])
  })

  test('R9.3 appends to a log, and goes on in the same file after pulls that only append', async () => {
    await using world = await inStep(LOG, '{"from":"a","n":0}\n')
    const { a, b } = world
    const program = await new Program(b, LOG, 'a').ready()
    const { ino } = lstatSync(b.at(LOG))
    await world.watchAll()
    for (let n = 1; n <= 3; n += 1) {
      a.append(LOG, `{"from":"a","n":${n}}\n`)
      await until(has(b, LOG, `"a","n":${n}`), 'the line of a')
      program.write(`{"from":"b","n":${n}}\n`)
      await until(has(a, LOG, `"b","n":${n}`), 'the line of b')
    }
    expect(lstatSync(b.at(LOG)).ino).toBe(ino)
    await program.end()
    const tree = await world.inStep()
    expect(
      tree
        .get(LOG)!
        .split('\n')
        .filter(line => line !== '').length,
    ).toBe(7)
  })

  test('R1.2 writes on into a file that was replaced, long after, and all of it is found', async () => {
    await using world = await inStep(NOTES, NOTE)
    const { a, b } = world
    const program = await new Program(b, NOTES, 'a').ready()
    await world.watchAll()
    a.write(NOTES, NOTE.replace('one', 'ONE'))
    await until(has(b, NOTES, 'ONE'), 'the edit of a')
    // Something else that comes and goes takes longer than the moment for which each replaced file is kept.
    for (let n = 0; n < 3; n += 1) {
      a.write(`data/later-${n}.md`, 'x')
      await until(() => b.has(`data/later-${n}.md`), 'a later file')
    }
    program.write('six\n')
    await until(has(a, NOTES, 'six'), 'what was written late')
    program.write('seven\n')
    await until(has(a, NOTES, 'seven'), 'what was written after that')
    await program.end()
    expect((await world.inStep()).get(NOTES)).toBe(`${NOTE.replace('one', 'ONE')}six\nseven\n`)
  })

  test('R1.2 across a restart of the engine, and what it writes while none runs', async () => {
    await using world = await inStep(NOTES, NOTE)
    const { a, b } = world
    const program = await new Program(b, NOTES, 'r+').ready()
    a.write(NOTES, NOTE.replace('five', 'FIVE'))
    await a.sync()
    await b.sync()
    expect(temporaryFiles(b.folder)).toHaveLength(1)
    program.write('ONE')
    await until(() => temporaryFiles(b.folder).some(path => b.read(path)?.startsWith('ONE')), 'the write')
    await b.watch()
    await a.watch()
    await until(has(a, NOTES, 'ONE'), 'what was written late')
    await program.end()
    expect((await world.inStep()).get(NOTES)).toBe(NOTE.replace('five', 'FIVE').replace('one', 'ONE'))
  })

  test('R1.2 a log that was deleted elsewhere comes back with what is written into it (R7)', async () => {
    await using world = await inStep(LOG, '{"n":0}\n')
    const { a, b } = world
    a.write('data/other.md', 'x')
    await a.sync()
    await b.sync()
    const program = await new Program(b, LOG, 'a').ready()
    await world.watchAll()
    a.remove(LOG)
    await until(() => !b.has(LOG), 'the delete')
    program.write('{"n":1}\n')
    await until(has(a, LOG, '"n":1'), 'what was written late')
    await program.end()
    expect((await world.inStep()).get(LOG)).toBe('{"n":0}\n{"n":1}\n')
  })
})
