import { describe, expect, it } from 'vitest'
import type { BackendField, BackendInfo, FieldValue } from '../../../contract/backend.ts'
import { changes, draftOf, formOf, type SavedBackend } from './draft.ts'

const field = (variable: string, kind: BackendField['kind']): BackendField => ({
  variable,
  label: variable,
  help: '',
  kind,
  isRequired: false,
  orVariable: null,
  isAdvanced: false,
  placeholder: '',
})
const value = (variable: string, text: string | null): FieldValue => ({
  variable,
  value: text,
  isSet: text !== null,
  source: text === null ? 'none' : 'env-file',
})
const info: BackendInfo = {
  kind: 'supabase',
  name: 'Supabase',
  goodFor: '',
  notes: [],
  setup: [],
  fields: [field('SUPABASE_URL', 'url'), field('SUPABASE_PASSWORD', 'secret')],
}
const saved: SavedBackend = {
  kind: 'supabase',
  fields: [
    value('SUPABASE_URL', 'https://a.example'),
    { variable: 'SUPABASE_PASSWORD', value: null, isSet: true, source: 'env-file' },
  ],
  appId: value('FILE_SYNC_APP_ID', null),
  effectiveAppId: 'app',
  userId: value('FILE_SYNC_USER_ID', 'ann'),
}

describe('draftOf', () => {
  it('keeps what was not touched, a secret that the form does not know included', () => {
    const draft = draftOf(formOf(saved), saved, info)
    expect(draft).toEqual({
      kind: 'supabase',
      fields: { SUPABASE_URL: { edit: 'keep' }, SUPABASE_PASSWORD: { edit: 'keep' } },
      appId: { edit: 'keep' },
      userId: { edit: 'keep' },
    })
    expect(changes(draft, saved)).toBe(false)
  })

  it('sets what was typed, without the spaces around it, and clears what was emptied', () => {
    const form = {
      ...formOf(saved),
      values: { SUPABASE_URL: ' https://b.example ', SUPABASE_PASSWORD: 'x y ' },
      userId: '',
    }
    const draft = draftOf(form, saved, info)
    expect(draft.fields).toEqual({
      SUPABASE_URL: { edit: 'set', value: 'https://b.example' },
      SUPABASE_PASSWORD: { edit: 'set', value: 'x y ' },
    })
    expect(draft.userId).toEqual({ edit: 'clear' })
    expect(changes(draft, saved)).toBe(true)
  })

  it('removes a saved secret only when asked to', () => {
    const draft = draftOf({ ...formOf(saved), cleared: ['SUPABASE_PASSWORD'] }, saved, info)
    expect(draft.fields['SUPABASE_PASSWORD']).toEqual({ edit: 'clear' })
  })

  it('is a change to choose another kind with nothing typed', () => {
    const draft = draftOf({ ...formOf(saved), kind: 'drizzle' }, saved, {
      ...info,
      kind: 'drizzle',
      fields: [],
    })
    expect(changes(draft, saved)).toBe(true)
  })
})
