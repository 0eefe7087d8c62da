import { describe, expect, it } from 'vitest'
import type { BackendField, BackendInfo, FieldValue } from '../../../contract/backend.ts'
import { formOf, type BackendForm, type SavedBackend } from './draft.ts'
import { formSchema } from './form-schema.ts'

const field = (variable: string, rest: Partial<BackendField> = {}): BackendField => ({
  variable,
  label: variable,
  help: '',
  kind: 'text',
  isRequired: true,
  orVariable: null,
  isAdvanced: false,
  placeholder: '',
  ...rest,
})
const unset = (variable: string): FieldValue => ({ variable, value: null, isSet: false, source: 'none' })
const secret = (variable: string): FieldValue => ({ variable, value: null, isSet: true, source: 'env-file' })

const info: BackendInfo = {
  kind: 'supabase',
  name: 'Supabase',
  goodFor: '',
  notes: [],
  setup: [],
  fields: [
    field('URL'),
    field('KEY', { kind: 'secret', orVariable: 'OLD_KEY' }),
    field('OLD_KEY', { kind: 'secret', isRequired: false }),
  ],
}

function faults(form: Partial<BackendForm>, fields: readonly FieldValue[] = []): string[] {
  const saved: SavedBackend = {
    kind: 'supabase',
    fields: [...fields, unset('URL')],
    appId: unset('APP'),
    effectiveAppId: null,
    userId: unset('USER'),
  }
  const { error } = formSchema([info], saved).safeParse({ ...formOf(saved), ...form })
  return error?.issues.map(({ path }) => path.join('.')) ?? []
}

describe('formSchema', () => {
  it('asks for what is needed and neither typed nor saved', () => {
    expect(faults({})).toEqual(['values.URL', 'values.KEY'])
    expect(faults({ values: { URL: ' ', KEY: 'k' } })).toEqual(['values.URL'])
    expect(faults({ values: { URL: 'https://a.example' } }, [secret('KEY')])).toEqual([])
  })

  it('asks for a saved secret again once it is to be removed', () => {
    const form = { values: { URL: 'https://a.example' }, cleared: ['KEY'] }
    expect(faults(form, [secret('KEY')])).toEqual(['values.KEY'])
  })

  it('is content with the one that may stand in its place', () => {
    expect(faults({ values: { URL: 'https://a.example', OLD_KEY: 'k' } })).toEqual([])
    expect(faults({ values: { URL: 'https://a.example' } }, [secret('OLD_KEY')])).toEqual([])
  })

  it('takes only ids that the settings take', () => {
    const values = { URL: 'https://a.example', KEY: 'k' }
    expect(faults({ values, appId: 'my app', userId: 'ann' })).toEqual(['appId'])
    expect(faults({ values, appId: ' my-app_1 ', userId: '' })).toEqual([])
  })

  it('asks for nothing of another backend', () => {
    expect(faults({ kind: 'drizzle' })).toEqual([])
  })
})
