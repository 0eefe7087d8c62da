/** The contract, carried out by a host. Each procedure is one line here and has its work in a module of its own. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { implement, ORPCError } from '@orpc/server'
import { contract } from '../../contract/contract.ts'
import type { BackendDraft, Target } from '../../contract/backend.ts'
import { confirmPlace, questionOf, unconfirmedPlace } from '../confirmed-places.ts'
import { locateProject, realFolder } from '../locate-project.ts'
import type { Project } from '../project.ts'
import { backendValues, previewBackend, saveBackend } from './backend.ts'
import { describeBackends } from './backend-forms.ts'
import { testBackend } from './backend-test.ts'
import { browse } from './browse.ts'
import { conflictDetail, conflictRows, resolveAlike, resolveConflict } from './conflicts.ts'
import { diagnosticsText } from './diagnostics.ts'
import { askedProject, diffOf, draftOf, namesPlace, projectOf, saveDraft } from './draft.ts'
import { asContractError, cannot, refused, stale } from './errors.ts'
import { explainFile, fileContent, historyContent, historyOf, safePlace } from './files.ts'
import { decideHolds, decisionOf, excludeHeld, holdsPage } from './holds.ts'
import type { FolderEntry } from './folder-entry.ts'
import type { Host } from './host.ts'
import { isKnownPage } from './known-pages.ts'
import { inspect } from './inspect.ts'
import { lastLines } from './log-tail.ts'
import { previewPatterns } from './pattern-preview.ts'
import { openPlace } from './open-place.ts'
import { makePlan } from './plans.ts'
import { denylist, previewRules, rulesView, saveRules } from './rules.ts'
import { createSample } from './sample.ts'
import { absolute, pointedAt } from './target.ts'
import { agreeToCode, codeOf } from './trust-code.ts'
import { allowContent, changeTrust, trustedPaths, waitingContent, waitingPage } from './waiting.ts'
import { errorStack } from '../error-stack.ts'

export type HostRouter = ReturnType<typeof createRouter>

export function createRouter(host: Host) {
  const os = implement(contract).use(async ({ next, path }) => {
    try {
      return await next()
    } catch (error) {
      const known = asContractError(error)
      if (known === error && !(error instanceof ORPCError) && !isAborted(error)) {
        host.log.error('a request has failed', { request: path.join('.'), error: errorStack(error) })
      }
      throw known
    }
  })
  const { folders, env, shell } = host
  const place = (id: string, path: string | null): string => safePlace(folders.get(id), path)

  return os.router({
    state: {
      get: os.state.get.handler(() => host.feed.get()),
      watch: os.state.watch.handler(({ signal }) => host.feed.watch(signal ?? NEVER)),
      notices: os.state.notices.handler(({ signal }) => host.notices.watch(signal ?? NEVER)),
    },

    folders: {
      add: os.folders.add.handler(({ input }) => folders.add(absolute(input.path))),
      remove: os.folders.remove.handler(({ input }) => folders.remove(input.id)),
      pause: os.folders.pause.handler(({ input }) => folders.setPaused(input.id, true)),
      resume: os.folders.resume.handler(({ input }) => folders.setPaused(input.id, false)),
      pauseAll: os.folders.pauseAll.handler(({ input }) => folders.pauseAll(input.until)),
      resumeAll: os.folders.resumeAll.handler(() => folders.resumeAll()),
      reorder: os.folders.reorder.handler(({ input }) => folders.reorder(input.ids)),
      syncNow: os.folders.syncNow.handler(({ input }) => syncNow(folders.get(input.id))),
      trustAdapter: os.folders.trustAdapter.handler(async ({ input }) => {
        const entry = folders.get(input.id)
        if (entry.project === null) throw refused('no-project', 'Mend the configuration first.')
        agreeToCode(entry.project, env, input.code)
        entry.refresh({ force: true })
        await entry.restart()
      }),
      confirmPlace: os.folders.confirmPlace.handler(async ({ input }) => {
        const entry = folders.get(input.id)
        if (entry.project === null) throw refused('no-project', 'Mend the configuration first.')
        agreeToPlace(entry.project, env, input.question)
        await entry.restart()
      }),
    },

    setup: {
      browse: os.setup.browse.handler(({ input }) =>
        browse({
          ...input,
          path: input.path === null ? null : absolute(input.path),
          added: new Set(folders.list().map(({ path }) => path)),
        }),
      ),
      inspect: os.setup.inspect.handler(({ input }) =>
        inspect(absolute(input.path), { idOf: folder => folders.idOf(folder), walks: host.walks }),
      ),
      previewPatterns: os.setup.previewPatterns.handler(async ({ input }) => {
        const folder = projectFolder(pointedAt(host, input.target).path)
        return previewPatterns({ ...input, folder, walked: await host.walks.walk(folder) })
      }),
      previewStart: os.setup.previewStart.handler(({ input }) => {
        const draft = draftOf(absolute(input.path), { patterns: input.patterns, backend: input.backend })
        projectOf(draft, env)
        return { files: diffOf(draft), token: draft.token }
      }),
      start: os.setup.start.handler(async ({ input }) => {
        const draft = draftOf(absolute(input.path), { patterns: input.patterns, backend: input.backend })
        projectOf(draft, env)
        if (draft.token !== input.token) {
          const files = diffOf(draft)
          throw stale(
            { files, token: draft.token },
            'A file has changed meanwhile. Look at the difference again.',
          )
        }
        saveDraft(draft)
        if (namesPlace(input.backend)) confirmPlace(projectOf(draft, env), env)
        const { id } = await folders.add(draft.location.folder)
        return { id }
      }),
      sample: os.setup.sample.handler(async ({ input }) => {
        const path = createSample(absolute(input.parent ?? homedir()))
        const { id } = await folders.add(path, { isSample: true })
        return { id, path }
      }),
    },

    plan: {
      preview: os.plan.preview.handler(async ({ input, signal }) => {
        const { target, patterns, backend, planId } = input
        if (planId !== null) return host.plans.page(planId, input)
        const draft = draftOf(pointedAt(host, target).path, { patterns, backend })
        const project = askedProject(draft, backend, env)
        const { home, log } = host
        const report = await makePlan({ project, env, home, log, signal: signal ?? NEVER })
        return host.plans.page(host.plans.keep(report), input)
      }),
    },

    backend: {
      describe: os.backend.describe.handler(() => describeBackends()),
      values: os.backend.values.handler(({ input }) =>
        backendValues(pointedAt(host, input.target).path, env),
      ),
      test: os.backend.test.handler(({ input }) => testBackend(draftProject(input), env)),
      previewSave: os.backend.previewSave.handler(({ input }) =>
        previewBackend(pointedAt(host, input.target).path, input.draft, env),
      ),
      save: os.backend.save.handler(({ input }) => {
        const { path, entry } = pointedAt(host, input.target)
        saveBackend(path, input.draft, input.token, env)
        entry?.refresh({ force: true })
        entry?.note({ kind: 'saved', author: 'person', reason: 'Somebody changed the backend.' })
      }),
      adapterCode: os.backend.adapterCode.handler(({ input }) => codeOf(draftProject(input), env)),
      trustAdapter: os.backend.trustAdapter.handler(({ input }) => {
        agreeToCode(draftProject(input), env, input.code)
        pointedAt(host, input.target).entry?.refresh({ force: true })
      }),
      writeSetupFiles: os.backend.writeSetupFiles.handler(async ({ input }) => {
        if (input.kind !== 'convex') throw refused('no-files', 'This backend needs no files in the project.')
        const { writeConvexFiles } = await import('./setup-convex-files.ts')
        return writeConvexFiles(projectFolder(pointedAt(host, input.target).path))
      }),
    },

    files: {
      list: os.files.list.handler(({ input }) => folders.get(input.folderId).listFiles(input)),
      explain: os.files.explain.handler(({ input, signal }) =>
        explainFile(folders.get(input.folderId), input.path, signal ?? NEVER),
      ),
      content: os.files.content.handler(({ input }) => ({
        body: fileContent(folders.get(input.folderId), input.path),
      })),
      history: os.files.history.handler(({ input }) =>
        historyOf(folders.get(input.folderId), input.path, input),
      ),
      historyContent: os.files.historyContent.handler(({ input }) => ({
        body: historyContent(folders.get(input.folderId), input.path, input.version),
      })),
      restore: os.files.restore.handler(({ input }) => restoreVersion(folders.get(input.folderId), input)),
    },

    holds: {
      list: os.holds.list.handler(({ input }) => holdsPage(folders.get(input.folderId), input)),
      approve: os.holds.approve.handler(({ input, signal }) =>
        decideHolds(folders.get(input.folderId), decisionOf('approve', input), input.token, signal ?? NEVER),
      ),
      restore: os.holds.restore.handler(({ input, signal }) =>
        decideHolds(folders.get(input.folderId), decisionOf('restore', input), input.token, signal ?? NEVER),
      ),
      exclude: os.holds.exclude.handler(({ input }) => excludeHeld(folders.get(input.folderId), input)),
      waiting: os.holds.waiting.handler(({ input }) => waitingPage(folders.get(input.folderId), input)),
      content: os.holds.content.handler(({ input }) =>
        waitingContent(folders.get(input.folderId), input.path),
      ),
      allow: os.holds.allow.handler(({ input, signal }) =>
        allowContent(folders.get(input.folderId), input, signal ?? NEVER),
      ),
      trusted: os.holds.trusted.handler(({ input }) => trustedPaths(folders.get(input.folderId))),
      trust: os.holds.trust.handler(({ input }) => changeTrust(folders.get(input.folderId), input)),
    },

    conflicts: {
      list: os.conflicts.list.handler(({ input }) => {
        const rows = conflictRows(input.folderId === null ? folders.list() : [folders.get(input.folderId)])
        return { total: rows.length, rows: rows.slice(input.offset, input.offset + input.limit) }
      }),
      get: os.conflicts.get.handler(({ input }) => conflictDetail(folders.get(input.folderId), input)),
      resolve: os.conflicts.resolve.handler(({ input, signal }) =>
        resolveConflict(folders.get(input.folderId), input, input.choice, input.token, signal ?? NEVER),
      ),
      resolveAlike: os.conflicts.resolveAlike.handler(({ input, signal }) =>
        resolveAlike(folders.get(input.folderId), input, input.take, signal ?? NEVER),
      ),
    },

    rules: {
      get: os.rules.get.handler(({ input }) => rulesView(folders.get(input.folderId))),
      previewChange: os.rules.previewChange.handler(({ input }) =>
        previewRules(folders.get(input.folderId), input.edit, host),
      ),
      save: os.rules.save.handler(({ input }) =>
        saveRules(folders.get(input.folderId), input.edit, input.token),
      ),
      denylist: os.rules.denylist.handler(() => denylist()),
    },

    activity: {
      list: os.activity.list.handler(({ input }) => host.activity.list(input)),
    },

    settings: {
      get: os.settings.get.handler(() => host.settings),
      set: os.settings.set.handler(({ input }) => host.setSettings(input)),
    },

    shell: {
      about: os.shell.about.handler(() => host.about()),
      pickFolder: os.shell.pickFolder.handler(async () => {
        if (shell.pickFolder === undefined) throw cannot('There is no folder dialog here. Browse instead.')
        return { path: await shell.pickFolder() }
      }),
      open: os.shell.open.handler(async ({ input }) => {
        await openPlace(shell, place(input.folderId, input.path))
      }),
      reveal: os.shell.reveal.handler(async ({ input }) => {
        if (shell.reveal === undefined) throw cannot('There is no file manager here.')
        await shell.reveal(place(input.folderId, input.path))
      }),
      openLogs: os.shell.openLogs.handler(async () => {
        if (shell.open === undefined) throw cannot('There is no file manager here. The log is shown instead.')
        await shell.open(host.about().logFolder)
      }),
      logs: os.shell.logs.handler(({ input }) => {
        const file = join(host.about().logFolder, LOG_FILE)
        return { file, lines: lastLines(file, input.lines) }
      }),
      diagnostics: os.shell.diagnostics.handler(() => {
        const about = host.about()
        const lines = lastLines(join(about.logFolder, LOG_FILE), DIAGNOSTIC_LINES)
        return { text: diagnosticsText(about, host.state().folders, lines) }
      }),
      openExternal: os.shell.openExternal.handler(async ({ input }) => {
        if (shell.openExternal === undefined) throw cannot('Pages are opened by the browser itself.')
        if (!isKnownPage(input.url)) throw refused('url', 'This address is none that Lockstep opens.')
        await shell.openExternal(input.url)
      }),
    },
  })

  function draftProject({ target, draft }: { target: Target; draft: BackendDraft }): Project {
    const { path } = pointedAt(host, target)
    return askedProject(draftOf(path, { patterns: null, backend: draft }), draft, env)
  }
}

/** For a caller without a signal, such as a test. */
const NEVER = new AbortController().signal
const LOG_FILE = 'lockstep.log'
const DIAGNOSTIC_LINES = 100

function syncNow(entry: FolderEntry): void {
  if (entry.engine.syncNow()) return
  if (!entry.engine.isRunning) throw refused('paused', `${entry.name} is paused. Resume it first.`)
  throw refused(
    'not-running',
    'Sync does not run now; it starts by itself once what is in its way is mended.',
  )
}

async function restoreVersion(
  entry: FolderEntry,
  { path, version }: { path: string; version: number },
): Promise<{ replaced: boolean }> {
  const { replaced } = await entry.ask(folder => folder.restore(path, version))
  entry.note({
    kind: 'restored',
    path,
    author: 'person',
    reason: 'Somebody brought an earlier version back.',
  })
  entry.touch('files')
  return { replaced }
}

/** Throws REFUSED where it is another question by now. */
function agreeToPlace(project: Project, env: Host['env'], question: string): void {
  const found = unconfirmedPlace(project, env)
  if (found === null) return
  if (questionOf(found) !== question) throw refused('changed', `This has changed. ${questionOf(found)}`)
  confirmPlace(project, env)
}

/** The project of whatever folder was picked, configured or not. */
function projectFolder(picked: string): string {
  return locateProject(picked)?.folder ?? realFolder(picked)
}

function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
