import { expect, it } from 'vitest'
import { mendingTab } from './mend.ts'

const fault = (code: string, file: string | null) => ({ code, file, message: '', line: null })

it.each([
  ['config-invalid', 'data/sync-config.json', 'rules'],
  ['config-missing', null, 'rules'],
  ['settings-invalid', '.env', 'backend'],
  ['settings-invalid', null, 'backend'],
  ['folder-missing', null, null],
])('%s in %s is mended in %s', (code, file, tab) => {
  expect(mendingTab(fault(code, file))).toBe(tab)
})
