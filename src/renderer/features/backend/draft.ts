/** The form of a backend and what it says to the host (pure). */
import type { BackendDraft, BackendInfo, FieldEdit, FieldValue } from '../../../contract/backend.ts'

/** What stands in the form: a text for each variable; secrets that are saved are not known here. */
export interface BackendForm {
  readonly kind: BackendInfo['kind']
  readonly values: Readonly<Record<string, string | undefined>>
  /** Saved secrets that a person wants to be gone. */
  readonly cleared: readonly string[]
  readonly appId: string
  readonly userId: string
}

export interface SavedBackend {
  readonly kind: BackendInfo['kind'] | null
  readonly fields: readonly FieldValue[]
  readonly appId: FieldValue
  readonly effectiveAppId: string | null
  readonly userId: FieldValue
}

export const FIRST_BACKEND: BackendInfo['kind'] = 'drizzle'

export function formOf(saved: SavedBackend): BackendForm {
  return {
    kind: saved.kind ?? FIRST_BACKEND,
    values: Object.fromEntries(saved.fields.map(({ variable, value }) => [variable, value ?? ''])),
    cleared: [],
    appId: saved.appId.value ?? '',
    userId: saved.userId.value ?? '',
  }
}

/** Names only what the form changes; everything else in .env is none of its business. */
export function draftOf(form: BackendForm, saved: SavedBackend, info: BackendInfo): BackendDraft {
  const fields = info.fields.map(({ variable, kind }): [string, FieldEdit] => {
    const before = saved.fields.find(field => field.variable === variable)
    const typed = form.values[variable] ?? ''
    if (kind === 'secret') {
      if (typed !== '') return [variable, { edit: 'set', value: typed }]
      return [variable, form.cleared.includes(variable) ? { edit: 'clear' } : { edit: 'keep' }]
    }
    return [variable, editOf(before?.value ?? null, typed)]
  })
  return {
    kind: form.kind,
    fields: Object.fromEntries(fields),
    appId: editOf(saved.appId.value, form.appId),
    userId: editOf(saved.userId.value, form.userId),
  }
}

/** Whether saving would change anything at all. */
export function changes(draft: BackendDraft, saved: SavedBackend): boolean {
  const edits = [...Object.values(draft.fields), draft.appId, draft.userId]
  return draft.kind !== saved.kind || edits.some(({ edit }) => edit !== 'keep')
}

function editOf(before: string | null, typed: string): FieldEdit {
  const value = typed.trim()
  if (value === (before ?? '')) return { edit: 'keep' }
  return value === '' ? { edit: 'clear' } : { edit: 'set', value }
}
