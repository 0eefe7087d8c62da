/**
 * Builds the three Electron environments, and in the main one also the entries that run on plain
 * Node: the command line (`cli`) and the library (`sync`). `npm run bundle` proves that those two
 * never reach `electron`.
 */
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

const root = import.meta.dirname

export default defineConfig({
  main: {
    plugins: [copyMigrations()],
    build: {
      // The command line also runs on the oldest Node that package.json allows.
      target: 'node22.22',
      sourcemap: true,
      license: { fileName: 'licenses.md' },
      // `dependencies` of package.json stay outside: native code and the vendors' SDKs, loaded when
      // needed. Everything else we use is a devDependency and is bundled, for a quick start.
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          index: join(root, 'src/main/index.ts'),
          'host-process': join(root, 'src/host-process/index.ts'),
          cli: join(root, 'src/cli/index.ts'),
          sync: join(root, 'src/sync/index.ts'),
          'adapter-contract': join(root, 'src/adapter-contract/index.ts'),
          'merge-worker': join(root, 'src/platform/merge-worker.ts'),
        },
        // Flat, so that `new URL('./migrations', import.meta.url)` means out/main/migrations in
        // whichever chunk the state store ends up.
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      sourcemap: true,
      // A sandboxed preload can load no module of its own: one CommonJS file with everything in it.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: join(root, 'src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: join(root, 'src/renderer'),
    plugins: [react(), tailwindcss(), withoutPolicy()],
    build: {
      sourcemap: true,
      license: { fileName: 'licenses.md' },
      rolldownOptions: { input: join(root, 'src/renderer/index.html') },
    },
  },
})

/** The state store's SQL migrations are read at run time, so they travel beside the code. */
function copyMigrations(): Plugin {
  const from = join(root, 'src/platform/state/migrations')
  return {
    name: 'lockstep:migrations',
    apply: 'build',
    buildStart() {
      const written = existsSync(join(from, 'meta/_journal.json'))
      if (written && readdirSync(from).some(name => name.endsWith('.sql'))) return
      this.error(`no migrations in src/platform/state/migrations: run 'npx drizzle-kit generate'`)
    },
    writeBundle({ dir }) {
      if (dir === undefined) this.error('the main environment has no output folder')
      cpSync(from, join(dir, 'migrations'), { recursive: true })
    },
  }
}

/** While developing, Vite puts scripts and styles of its own into the page, which its policy forbids. */
function withoutPolicy(): Plugin {
  return {
    name: 'lockstep:without-policy',
    apply: 'serve',
    transformIndexHtml: page => page.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
  }
}
