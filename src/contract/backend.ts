/**
 * Which database a folder syncs with: the forms, their test, and the exact difference that saving makes.
 *
 * A secret that is saved never comes back to a client: its form value says only that it is set. `target` is a
 * folder of this host, or, at first run, a path that is none yet.
 */
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import type { BackendSettings } from '../engine/core/settings.ts'
import { AdapterCode } from './folders.ts'
import { base, FileDiff, FolderId, MachinePath } from './words.ts'

export const BackendKind = z.enum([
  'drizzle',
  'firestore',
  'supabase',
  'convex',
  'custom',
] satisfies BackendSettings['backend'][])
export type BackendKind = z.infer<typeof BackendKind>

export const Target = z.union([z.object({ folderId: FolderId }), z.object({ path: MachinePath })])
export type Target = z.infer<typeof Target>

export const BackendField = z.object({
  /** The variable in .env, shown with the label. */
  variable: z.string(),
  label: z.string(),
  help: z.string(),
  kind: z.enum(['text', 'url', 'path', 'email', 'secret']),
  isRequired: z.boolean(),
  /** Where this other variable is set, this one is not required. */
  orVariable: z.string().nullable(),
  /** Set only by those who need it: shown folded away. */
  isAdvanced: z.boolean(),
  placeholder: z.string(),
})
export type BackendField = z.infer<typeof BackendField>

/** Something to do at the database before the first sync. */
export const SetupHelp = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('note'), title: z.string(), text: z.string() }),
  /** To copy. `language`: sql, sh, json, typescript. */
  z.object({
    kind: z.literal('code'),
    title: z.string(),
    text: z.string(),
    language: z.string(),
    code: z.string(),
  }),
  /** Files that `backend.writeSetupFiles` writes after they were shown. Project-relative paths. */
  z.object({
    kind: z.literal('files'),
    title: z.string(),
    text: z.string(),
    files: z.array(z.object({ path: z.string(), content: z.string() })),
  }),
  z.object({ kind: z.literal('link'), title: z.string(), url: z.string() }),
])
export type SetupHelp = z.infer<typeof SetupHelp>

export const BackendInfo = z.object({
  kind: BackendKind,
  name: z.string(),
  /** One sentence: what it is good for. */
  goodFor: z.string(),
  /** What to know before choosing it. */
  notes: z.array(z.string()),
  fields: z.array(BackendField),
  setup: z.array(SetupHelp),
})
export type BackendInfo = z.infer<typeof BackendInfo>

export const FieldValue = z.object({
  variable: z.string(),
  /** Null for a secret, and where it is not set. */
  value: z.string().nullable(),
  isSet: z.boolean(),
  /** `environment`: a real variable wins over .env, so saving here has no effect until it is gone. */
  source: z.enum(['none', 'env-file', 'environment']),
})
export type FieldValue = z.infer<typeof FieldValue>

/** `keep` leaves what is there, also a secret that the form does not know. `clear` sets it to nothing. */
export const FieldEdit = z.discriminatedUnion('edit', [
  z.object({ edit: z.literal('keep') }),
  z.object({ edit: z.literal('clear') }),
  z.object({ edit: z.literal('set'), value: z.string().max(8_192) }),
])
export type FieldEdit = z.infer<typeof FieldEdit>

/** Variables that are not named are kept. */
export const BackendDraft = z.object({
  kind: BackendKind,
  fields: z.record(z.string().max(64), FieldEdit),
  appId: FieldEdit.default({ edit: 'keep' }),
  userId: FieldEdit.default({ edit: 'keep' }),
})
export type BackendDraft = z.infer<typeof BackendDraft>

export const TestStep = z.object({
  step: z.string(),
  status: z.enum(['ok', 'failed', 'skipped']),
  message: z.string(),
  /** Null where nothing was tried. */
  ms: z.number().nullable(),
  /** What to do, where it failed. */
  advice: z.string().nullable(),
})
export type TestStep = z.infer<typeof TestStep>

/** `start` names the step that begins, `step` how it went; `done` is last. */
export const TestEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), step: z.string() }),
  z.object({ type: z.literal('step'), step: TestStep }),
  /** `caveats`: which promises are weaker with this database, as sentences. */
  z.object({ type: z.literal('done'), ok: z.boolean(), caveats: z.array(z.string()) }),
])
export type TestEvent = z.infer<typeof TestEvent>

export const BackendSavePreview = z.object({
  /** .env, and sync-config.json where it changes too. */
  files: z.array(FileDiff),
  /** Another database: existing files are compared without a base, so nothing is deleted and what differs is a conflict. */
  isOtherDatabase: z.boolean(),
  /** What happens to existing files, for a person; each one sentence. */
  effects: z.array(z.string()),
  /** Variables of the real environment that win over what is saved. */
  overridden: z.array(z.string()),
  token: z.string(),
})
export type BackendSavePreview = z.infer<typeof BackendSavePreview>

const OnTarget = z.object({ target: Target })
const WithDraft = z.object({ target: Target, draft: BackendDraft })

export const backend = {
  /** All backends with their forms; texts do not depend on the folder, but for names in the setup help. */
  describe: base.output(z.array(BackendInfo)),
  /** What is configured now. `kind` null where it names no backend there is. */
  values: base.input(OnTarget).output(
    z.object({
      kind: BackendKind.nullable(),
      fields: z.array(FieldValue),
      appId: FieldValue,
      /** The app id in effect: from .env, or from package.json, or the folder's name. */
      effectiveAppId: z.string().nullable(),
      userId: FieldValue,
    }),
  ),
  /** Connects with the draft as it would be after saving; saves nothing. Ends early when the client stops reading. */
  test: base.input(WithDraft).output(eventIterator(TestEvent)),
  previewSave: base.input(WithDraft).output(BackendSavePreview),
  /** STALE where a file has changed since the preview; nothing was written. */
  save: base
    .errors({ STALE: { status: 409, data: z.object({ preview: BackendSavePreview }) } })
    .input(WithDraft.extend({ token: z.string().max(128) })),
  /** With kind `custom`: the code that the draft would run, and whether somebody has agreed to it; else null. */
  adapterCode: base
    .input(WithDraft)
    .output(z.object({ code: AdapterCode, isTrusted: z.boolean() }).nullable()),
  /** Agrees to run exactly this code, before the draft is tested, planned or saved. REFUSED `changed` where it is another by now. */
  trustAdapter: base.input(WithDraft.extend({ code: AdapterCode })),
  /**
   * Convex functions, into the project. Where somebody has changed one of them (`exists`), nothing is written.
   * `next`: what is left to do, line by line. REFUSED for a backend that needs no files.
   */
  writeSetupFiles: base
    .input(z.object({ target: Target, kind: BackendKind }))
    .output(
      z.object({ written: z.array(z.string()), exists: z.array(z.string()), next: z.array(z.string()) }),
    ),
}
