import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromDocumentId, idFault, toDocumentId } from './document-id.ts'

test.each([
  ['app:data/notes/a.md', 'app:data%2Fnotes%2Fa.md'],
  ['app@ann:data/a b.md', 'app@ann:data%2Fa b.md'],
  ['app:data/100%.md', 'app:data%2F100%.md'],
  ['app:data/%2f.md', 'app:data%2F%2f.md'],
])('%s is written as agent-native apps do', (id, documentId) => {
  expect(toDocumentId(id)).toBe(documentId)
  expect(toDocumentId(id)).toBe(id.replaceAll('/', '%2F'))
})

test.each([
  ['app:a%2Fb', 'app:a%252Fb'],
  ['app:a%252Fb', 'app:a%25252Fb'],
  ['app:a%25/b', 'app:a%25%2Fb'],
  ['app:%/2F', 'app:%%2F2F'],
])('F16 %s does not meet another record as %s', (id, documentId) => {
  expect(toDocumentId(id)).toBe(documentId)
  expect(fromDocumentId(documentId)).toBe(id)
})

test('F16 any id comes back, and any document id, as long as it is one', () => {
  const parts = fc.constantFrom('/', '%', '2', 'F', '25', '2F', '%2F', '%252F', 'a')
  let escapes = 0
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), some => {
      const text = some.join('')
      const documentId = toDocumentId(text)
      if (documentId !== text.replaceAll('/', '%2F')) escapes += 1
      expect(documentId).not.toContain('/')
      expect(fromDocumentId(documentId)).toBe(text)
      const foreign = text.replaceAll('/', '')
      expect(toDocumentId(fromDocumentId(foreign))).toBe(foreign)
    }),
    { numRuns: 2_000 },
  )
  expect(escapes).toBeGreaterThan(100)
})

test.each(['', '.', '..', '__a__', '__', '____', '\uD800', 'ä'.repeat(751)])('R12 %j is no document', id => {
  // Two underscores alone are allowed.
  if (id === '__') return expect(idFault(id)).toBeNull()
  expect(idFault(id)).toMatchObject({ code: 'invalid', retryable: false })
})

test('the longest id is one', () => {
  expect(idFault('ä'.repeat(750))).toBeNull()
  expect(idFault('/'.repeat(501))).toMatchObject({ code: 'invalid' })
})
