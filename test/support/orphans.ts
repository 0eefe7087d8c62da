/**
 * Ends the processes and removes the folders of a test even where its own process is killed: a reaper waits
 * at the other end of a pipe, and does both when the pipe closes.
 */
import { type ChildProcess, spawn } from 'node:child_process'

const REAPER = `
  const { rmSync } = require('node:fs')
  const pids = new Set(), folders = new Set()
  let text = ''
  process.stdin.setEncoding('utf8').on('data', some => {
    const lines = (text + some).split('\\n')
    text = lines.pop()
    for (const line of lines) {
      const [verb, what] = JSON.parse(line)
      if (verb === 'process') pids.add(what)
      if (verb === 'ended') pids.delete(what)
      if (verb === 'folder') folders.add(what)
      if (verb === 'removed') folders.delete(what)
    }
  }).on('end', () => {
    for (const pid of pids) try { process.kill(pid, 'SIGKILL') } catch {}
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
`

let reaper: ChildProcess | null = null

export function noteProcess(child: ChildProcess): void {
  const { pid } = child
  if (pid === undefined) return
  tell('process', pid)
  child.once('exit', () => tell('ended', pid))
}

export function noteFolder(folder: string): void {
  tell('folder', folder)
}

export function noteRemoved(folder: string): void {
  tell('removed', folder)
}

function tell(verb: string, what: string | number): void {
  reaper ??= startReaper()
  reaper.stdin?.write(`${JSON.stringify([verb, what])}\n`)
}

function startReaper(): ChildProcess {
  const child = spawn(process.execPath, ['-e', REAPER], { stdio: ['pipe', 'ignore', 'ignore'] })
  child.unref()
  // A pipe keeps a process alive unless it is told not to.
  const { stdin } = child
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
  return child
}
