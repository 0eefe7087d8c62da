/** Runs the compiler for each environment, and proves that together they have seen every source file. */
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'

const root = dirname(import.meta.dirname)
const environments = ['core', 'node', 'main', 'preload', 'renderer', 'test', 'scripts']
const sources = ['src/**/*.{ts,tsx}', 'test/**/*.{ts,tsx}', 'scripts/**/*.mjs', 'bin/**/*.mjs', '*.config.ts']

const seen = new Set()
let failed = false
for (const environment of environments) {
  const { code, output } = await tsc(`tsconfig.${environment}.json`)
  if (code === 0) continue
  failed = true
  console.log(`tsconfig.${environment}.json\n${output}`)
}

const files = globSync(sources, { cwd: root, exclude: ['test/**/fixtures/**'] }).map(posix)
for (const file of files.filter(each => !seen.has(each))) {
  failed = true
  console.log(`no tsconfig.*.json includes ${file}`)
}
console.log(`${seen.size} files in ${environments.length} environments`)
process.exitCode = failed || files.length === 0 ? 1 : 0

/** Notes the project's own files that the compiler read, and gives back everything else it said. */
async function tsc(config) {
  const { code, output } = await run([
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    config,
    '--listFiles',
    '--pretty',
    'false',
  ])
  const said = []
  for (const line of output.trim().split(/\r?\n/)) {
    // What it lists is absolute, what it complains about is relative.
    if (!isAbsolute(line)) said.push(line)
    else if (!relative(root, line).startsWith('..') && !line.includes('/node_modules/'))
      seen.add(posix(relative(root, line)))
  }
  return { code, output: said.join('\n') }
}

/** @returns {Promise<{ code: number, output: string }>} */
function run(args) {
  return new Promise(done => {
    const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 }
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : 1, output: stdout + stderr })
    })
  })
}

function posix(path) {
  return path.split(sep).join('/')
}
