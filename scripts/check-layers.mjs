/**
 * Holds the layers of .dependency-cruiser.mjs, after proving that the tool can see: every rule has
 * to fire on a small tree that breaks it, none on one that keeps to them, and in the real tree the
 * tool has to have read every source file.
 */
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import config, { forbidden } from '../.dependency-cruiser.mjs'

const root = dirname(import.meta.dirname)

/** Which rule is broken where, and by which import. */
const violations = [
  ['main-without-engine', 'src/main/engine.ts', `import '../host/host.ts'`],
  ['main-without-engine', 'src/main/in-process.ts', `void import('../host-process/index.ts')`],
  ['host-process-on-host', 'src/host-process/a.ts', `import '../main/window.ts'`],
  ['core-is-pure', 'src/engine/core/a.ts', `import '../scan.ts'`],
  ['core-is-pure', 'src/engine/core/b.ts', `import 'node:path'`],
  ['core-is-pure', 'src/engine/core/c.ts', `import 'zod'`],
  ['engine-knows-ports-only', 'src/engine/a.ts', `import { x } from '../platform/watcher.ts'`],
  ['engine-knows-ports-only', 'src/engine/b.ts', `import type { x } from '../adapters/memory/memory.ts'`],
  ['engine-knows-ports-only', 'src/engine/ports/c.ts', `import { createHash } from 'node:crypto'`],
  ['engine-knows-ports-only', 'src/engine/d.ts', `const zlib = await import('node:zlib')`],
  ['platform-below-host', 'src/platform/a.ts', `import '../adapters/memory/memory.ts'`],
  ['platform-below-host', 'src/platform/b.ts', `import '../host/host.ts'`],
  ['adapters-below-host', 'src/adapters/memory/a.ts', `import '../../platform/watcher.ts'`],
  ['adapters-below-host', 'src/adapters/b.ts', `import '../host/host.ts'`],
  ['adapters-apart', 'src/adapters/memory/c.ts', `import '../sqlite/sqlite.ts'`],
  ['suite-on-adapters', 'src/adapter-contract/a.ts', `import '../host/host.ts'`],
  ['contract-alone', 'src/contract/a.ts', `import type { x } from '../engine/scan.ts'`],
  ['contract-types-of-core', 'src/contract/b.ts', `import { x } from '../engine/core/entry.ts'`],
  ['contract-without-node', 'src/contract/c.ts', `import 'node:os'`],
  ['host-below-shells', 'src/host/a.ts', `import '../cli/watch.ts'`],
  ['main-on-host', 'src/main/a.ts', `import '../platform/watcher.ts'`],
  ['daemon-on-host', 'src/daemon/a.ts', `import '../adapters/memory/memory.ts'`],
  ['cli-on-host', 'src/cli/a.ts', `import '../platform/watcher.ts'`],
  ['sync-on-host', 'src/sync/a.ts', `import '../cli/watch.ts'`],
  ['renderer-on-contract', 'src/renderer/a.tsx', `import type { x } from '../host/host.ts'`],
  ['renderer-without-node', 'src/renderer/b.ts', `import 'node:path'`],
  ['preload-on-contract', 'src/preload/a.ts', `import '../main/window.ts'`],
  ['decisions-without-electron', 'src/main/tray-menu.ts', `import { Menu } from 'electron'`],
  ['decisions-without-electron', 'src/main/place.ts', `import './window.ts'`],
  ['electron-in-shell', 'src/host/b.ts', `import { app } from 'electron'`],
  ['electron-in-shell', 'src/cli/c.ts', `const { app } = await import('electron')`],
  ['only-firestore-imports-firebase-admin', 'src/adapters/supabase/a.ts', `import 'firebase-admin/app'`],
  ['only-firestore-imports-@grpc/grpc-js', 'src/adapters/supabase/d.ts', `import '@grpc/grpc-js'`],
  ['only-firestore-imports-@google-cloud/firestore', 'src/host/c.ts', `import '@google-cloud/firestore'`],
  ['only-supabase-imports-@supabase/supabase-js', 'src/cli/d.ts', `import '@supabase/supabase-js'`],
  ['only-convex-imports-convex', 'src/adapters/registry-b.ts', `import 'convex/browser'`],
  ['sqlite-in-two-places', 'src/host/d.ts', `import 'better-sqlite3'`],
  ['sqlite-in-two-places', 'src/platform/d.ts', `import 'drizzle-orm/sqlite-core'`],
  ['chokidar-in-platform', 'src/engine/e.ts', `import 'chokidar'`],
  ['react-in-renderer', 'src/contract/d.ts', `import 'zustand'`],
  ['no-cycles', 'src/host/e.ts', `import './f.ts'`],
  ['no-orphans', 'src/host/g.ts', `export const alone = 1`],
  ['no-unresolved', 'src/host/f.ts', `import './e.ts'; import './nowhere.ts'`],
  ['no-tests-in-product', 'src/host/i.ts', `import './host.test.ts'`],
]

/** What the broken imports point at, and everything that is allowed. */
const allowed = {
  'src/engine/core/entry.ts': `import picomatch from 'picomatch'; import { parse } from 'jsonc-parser'; export type x = 1`,
  'src/engine/ports/clock.ts': `import type { x } from '../core/entry.ts'; export type y = x`,
  'src/engine/scan.ts': `import './core/entry.ts'; import './ports/clock.ts'`,
  'src/platform/watcher.ts': `import 'chokidar'; import 'node:fs'; import '../engine/ports/clock.ts'`,
  'src/platform/state/store.ts': `import 'better-sqlite3'; import 'drizzle-orm'; import '../../engine/scan.ts'`,
  'src/adapters/memory/memory.ts': `import '../../engine/ports/clock.ts'; import '../remote-store.ts'`,
  'src/adapters/sqlite/sqlite.ts': `import 'better-sqlite3'; import '../remote-store.ts'`,
  'src/adapters/firestore/firestore.ts': `import 'firebase-admin/app'; import '@google-cloud/firestore'`,
  'src/adapters/supabase/supabase.ts': `import '@supabase/supabase-js'`,
  'src/adapters/convex/convex.ts': `import 'convex/browser'`,
  'src/adapters/remote-store.ts': `import '../engine/scan.ts'`,
  'src/adapters/registry.ts': `import './memory/memory.ts'; import('./firestore/firestore.ts'); import('./convex/convex.ts')`,
  'src/adapter-contract/index.ts': `import '../adapters/remote-store.ts'; import '../platform/watcher.ts'`,
  'src/contract/contract.ts': `import 'zod'; import type { x } from '../engine/core/entry.ts'`,
  'src/host/host.ts': `import '../platform/watcher.ts'; import '../platform/state/store.ts'; import '../adapters/registry.ts'; import '../contract/contract.ts'`,
  'src/host/host.test.ts': `import './host.ts'; import '../adapters/sqlite/sqlite.ts'; import 'better-sqlite3'`,
  'src/host/app/instance.ts': `import 'node:fs'`,
  'src/host-process/index.ts': `import '../host/host.ts'; import '../contract/contract.ts'; export type y = 1`,
  'src/main/window.ts': `import 'electron'; import '../host/app/instance.ts'; import type { y } from '../host-process/index.ts'; import 'node:path'`,
  'src/preload/index.ts': `import 'electron'; import '../contract/contract.ts'`,
  'src/renderer/app.tsx': `import 'react'; import 'zustand'; import '../contract/contract.ts'; export const App = () => <p />`,
  'src/daemon/server.ts': `import '../host/host.ts'; import 'node:http'`,
  'src/cli/watch.ts': `import '../host/host.ts'; import '../daemon/server.ts'; import '../contract/contract.ts'; import '../engine/scan.ts'`,
  'src/sync/index.ts': `import '../host/host.ts'; import '../adapters/supabase/supabase.ts'; import '../engine/ports/clock.ts'`,
}

const fakePackages = [
  '@google-cloud/firestore',
  '@grpc/grpc-js',
  '@supabase/supabase-js',
  'better-sqlite3',
  'chokidar',
  'convex',
  'drizzle-orm',
  'electron',
  'firebase-admin',
  'jsonc-parser',
  'picomatch',
  'react',
  'zod',
  'zustand',
]

const selfTest = await proveRules()
const files = globSync('src/**/*.{ts,tsx}', { cwd: root })
const { seen, broken } = await check(root)
const unread = files.map(file => file.replaceAll('\\', '/')).filter(file => !seen.has(file))

const problems = [
  ...selfTest,
  ...(files.length === 0 ? ['there are no source files'] : []),
  ...unread.map(file => `dependency-cruiser has not read ${file}`),
  ...broken.map(({ name, from, to, comment }) => `${from} → ${to}\n    ${name}: ${comment}`),
]
if (problems.length > 0) console.log(problems.join('\n'))
console.log(`${files.length} files, ${forbidden.length} rules, each seen to fire`)
process.exitCode = problems.length > 0 ? 1 : 0

/** What is wrong with the rules or the tool, as sentences. */
async function proveRules() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-layers-'))
  try {
    for (const name of fakePackages) {
      write(folder, `node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
      for (const file of ['index.js', 'app.js', 'browser.js', 'sqlite-core.js']) {
        write(folder, `node_modules/${name}/${file}`, '')
      }
    }
    for (const [file, code] of Object.entries(allowed)) write(folder, file, code)
    const clean = await check(folder)
    for (const [, file, code] of violations) write(folder, file, code)
    const dirty = await check(folder)

    const fired = new Set(dirty.broken.map(({ name, from }) => `${name} ${from}`))
    const tested = new Set(violations.map(([name]) => name))
    return [
      ...clean.broken.map(
        ({ name, from, to }) => `self-test: ${name} forbids ${from} → ${to}, which is allowed`,
      ),
      ...violations
        .filter(([name, file]) => !fired.has(`${name} ${file}`))
        .map(([name, file]) => `self-test: ${name} does not see ${file}`),
      ...forbidden
        .filter(({ name }) => !tested.has(name))
        .map(({ name }) => `self-test: nothing breaks ${name}`),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The modules that were read, and what breaks a rule. */
async function check(baseDir) {
  const { output } = await cruise(['src'], {
    ...config.options,
    ruleSet: { forbidden },
    validate: true,
    baseDir,
  })
  if (typeof output === 'string') throw new Error('dependency-cruiser gave a report instead of a result')
  const comments = new Map(forbidden.map(({ name, comment }) => [name, comment]))
  return {
    seen: new Set(output.modules.map(({ source }) => source)),
    broken: output.summary.violations.map(({ rule, from, to }) => ({
      name: rule.name,
      from,
      to,
      comment: comments.get(rule.name),
    })),
  }
}

function write(folder, file, content) {
  const path = join(folder, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
