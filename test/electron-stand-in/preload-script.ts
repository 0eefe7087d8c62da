/**
 * A preload as a sandboxed one is run: the body of a function of a few names, of which `require` knows only
 * Electron's. One text for the preload's world of a page.
 */
import { readFileSync } from 'node:fs'
import { extname, isAbsolute } from 'node:path'
import { Script } from 'node:vm'
import { makeCodec } from './clone.ts'
import { preloadWorld } from './in-page.ts'

export interface PreloadOptions {
  readonly path: string
  /** The function by which its world tells us something. */
  readonly binding: string
  /** By which it exposes things to the page. */
  readonly eventName: string
}

/** Throws where Electron reports that it cannot load it. */
export function preloadScript({ path, binding, eventName }: PreloadOptions): string {
  const source = readPreload(path)
  const { node, electron } = process.versions
  const setup = JSON.stringify({
    binding,
    eventName,
    platform: process.platform,
    versions: { node, electron },
  })
  return `(() => {
    const makeCodec = ${String(makeCodec)}
    const world = (${String(preloadWorld)})({ ...${setup}, makeCodec })
    if (world === null) return
    const module = { exports: {} }
    try {
      ;(function (require, module, exports, process, global) {${source}
      }).call(undefined, world.require, module, module.exports, world.process, globalThis)
    } catch (error) {
      world.failed(error)
    }
  })()`
}

function readPreload(path: string): string {
  if (!isAbsolute(path)) throw new Error('preload script must have absolute path')
  const source = readFileSync(path, 'utf8')
  // A sandbox runs a script, whatever its name: its own syntax tells a module from one.
  void new Script(`(function () {${source}\n})`, { filename: path })
  if (extname(path) === '.mjs') throw new SyntaxError('Cannot use import statement outside a module')
  return source
}
