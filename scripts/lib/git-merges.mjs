/** Three-way merges of single files, as they are recorded in a git repository, and what git makes of them. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Of what one git command prints, in bytes. */
const MAX_OUTPUT = 2 ** 30

function git(repository, args, input) {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', repository, ...args], {
    input,
    maxBuffer: MAX_OUTPUT,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr.toString().trim()}`)
  return stdout
}

/** Merge commits of two parents with one merge base, newest first. */
function mergeCommits(repository) {
  const revisions = git(repository, ['rev-list', '--all', '--parents', '--min-parents=2', '--max-parents=2'])
  return revisions
    .toString()
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(' '))
}

function mergeBase(repository, ours, theirs) {
  const { stdout } = spawnSync('git', ['-C', repository, 'merge-base', '--all', ours, theirs])
  const bases = stdout.toString().split('\n').filter(Boolean)
  return bases.length === 1 ? bases[0] : null
}

/** Modified regular files, path → blob before and after. */
function modified(repository, from, to) {
  const fields = git(repository, ['diff-tree', '-r', '-z', '--no-renames', '--diff-filter=M', from, to])
    .toString()
    .split('\0')
  const files = new Map()
  for (let n = 0; n + 1 < fields.length; n += 2) {
    const [modeBefore = '', modeAfter = '', before, after] = String(fields[n]).slice(1).split(' ')
    if (modeBefore.startsWith('100') && modeAfter.startsWith('100'))
      files.set(fields[n + 1], { before, after })
  }
  return files
}

/** One `git cat-file --batch` for all. @returns {Map<string, Buffer>} */
function readBlobs(repository, ids) {
  const out = git(repository, ['cat-file', '--batch'], [...ids, ''].join('\n'))
  const blobs = new Map()
  for (let at = 0; at < out.length;) {
    const lineEnd = out.indexOf(10, at)
    const [id, , size] = out.toString('latin1', at, lineEnd).split(' ')
    const end = lineEnd + 1 + Number(size)
    blobs.set(id, out.subarray(lineEnd + 1, end))
    at = end + 1
  }
  return blobs
}

/** Each file that both parents changed, differently. */
export function* recordedMerges(repository) {
  for (const [commit = '', ours, theirs] of mergeCommits(repository)) {
    const base = mergeBase(repository, ours, theirs)
    if (base === null) continue
    const byOurs = modified(repository, base, ours)
    const byTheirs = modified(repository, base, theirs)
    const paths = [...byOurs.keys()].filter(path => {
      const other = byTheirs.get(path)
      return other !== undefined && other.after !== byOurs.get(path).after
    })
    if (paths.length === 0) continue
    const ids = paths.flatMap(path => [
      byOurs.get(path).before,
      byOurs.get(path).after,
      byTheirs.get(path).after,
    ])
    const blobs = readBlobs(repository, [...new Set(ids)])
    for (const path of paths) {
      yield {
        name: `${commit.slice(0, 12)}:${path}`,
        base: blobs.get(byOurs.get(path).before),
        local: blobs.get(byOurs.get(path).after),
        remote: blobs.get(byTheirs.get(path).after),
      }
    }
  }
}

/** `git merge-file --diff3`: the merged bytes, or null for a conflict. */
export class GitMergeFile {
  #folder = mkdtempSync(join(tmpdir(), 'lockstep-merges-'))

  merge({ base, local, remote }) {
    const names = { base, local, remote }
    for (const [name, bytes] of Object.entries(names)) writeFileSync(join(this.#folder, name), bytes)
    const { status, stdout, stderr } = spawnSync(
      'git',
      ['merge-file', '-p', '--diff3', 'local', 'base', 'remote'],
      { cwd: this.#folder, maxBuffer: MAX_OUTPUT },
    )
    // Its exit code is the number of conflicts, at most 127; an error is 255, or 128 and more.
    if (status === null || status > 127) throw new Error(`git merge-file: ${stderr.toString().trim()}`)
    return status === 0 ? stdout : null
  }

  [Symbol.dispose]() {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
