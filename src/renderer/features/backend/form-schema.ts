/** What must be right in the form before it is tested or saved (pure). What the settings mean, the host checks. */
import { z } from 'zod'
import type { BackendField, BackendInfo } from '../../../contract/backend.ts'
import { strings } from '../../strings.ts'
import type { BackendForm, SavedBackend } from './draft.ts'

const texts = strings.backend

/** Of an app or a user; also nothing at all. */
export function isName(typed: string): boolean {
  return /^[A-Za-z0-9_-]*$/.test(typed.trim())
}

const name = z.string().refine(isName, texts.idFault)

const plainForm = z.object({
  kind: z.enum(['drizzle', 'firestore', 'supabase', 'convex', 'custom']),
  values: z.record(z.string(), z.union([z.string(), z.undefined()])).readonly(),
  cleared: z.array(z.string()).readonly(),
  appId: name,
  userId: name,
})

export function formSchema(infos: readonly BackendInfo[], saved: SavedBackend) {
  return plainForm.superRefine((form, context) => {
    const fields = infos.find(({ kind }) => kind === form.kind)?.fields ?? []
    for (const { variable } of fields.filter(field => isMissing(field, form, saved))) {
      context.addIssue({ code: 'custom', path: ['values', variable], message: texts.required })
    }
  })
}

function isMissing(
  { variable, isRequired, orVariable }: BackendField,
  form: BackendForm,
  saved: SavedBackend,
): boolean {
  const variables = [variable, ...(orVariable === null ? [] : [orVariable])]
  return isRequired && !variables.some(each => isGiven(each, form, saved))
}

/** Typed here, or a saved secret, which the form does not know, that stays. */
function isGiven(variable: string, { values, cleared }: BackendForm, saved: SavedBackend): boolean {
  if ((values[variable] ?? '').trim() !== '') return true
  const before = saved.fields.find(field => field.variable === variable)
  return before?.isSet === true && before.value === null && !cleared.includes(variable)
}
