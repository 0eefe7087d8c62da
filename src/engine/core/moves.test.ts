import { expect, test } from 'vitest'
import { moves, type Placed } from './moves.ts'

/** `a:x@5` is the content x at the path a since 5 s, and `a:x@5#7` is the file 7. */
function placed(text: string): Placed[] {
  return text.split(' ').flatMap(each => {
    const found = /^(.+):(.+)@([^#]+)(?:#(.+))?$/.exec(each)
    if (found === null) return []
    const file = found[4] === undefined ? null : Number(found[4])
    return [{ path: found[1]!, digest: found[2]!, since: Number(found[3]) * 1_000, file }]
  })
}

test.each`
  missing                | present                    | moved        | why
  ${'a:x@1'}             | ${'b:x@9'}                 | ${'a>b'}     | ${'renamed'}
  ${'a:x@1'}             | ${'b:y@9'}                 | ${''}        | ${'another content is no move'}
  ${'a:x@1'}             | ${''}                      | ${''}        | ${'gone'}
  ${'b:x@9'}             | ${'a:x@1'}                 | ${''}        | ${'a copy that is deleted'}
  ${'a:x@1'}             | ${'b:x@1.001'}             | ${'a>b'}     | ${'one by one, the order is enough'}
  ${'a:x@1 b:y@1'}       | ${'c:x@9 d:y@9'}           | ${'a>c b>d'} | ${'a renamed folder'}
  ${'a:x@1 b:x@1'}       | ${'c:x@9 d:x@9'}           | ${'a>c b>d'} | ${'a renamed folder of equal files'}
  ${'a:x@1 b:x@1'}       | ${'c:x@9'}                 | ${'a>c'}     | ${'one file accounts for one'}
  ${'a:x@1 b:x@1'}       | ${'c:x@1.01 d:x@1.02'}     | ${''}        | ${'equal files made together, half of them deleted'}
  ${'a:x@1'}             | ${'b:x@1 c:x@9'}           | ${'a>c'}     | ${'one of two equal files was renamed'}
  ${'a:x@1'}             | ${'b:x@1 c:x@1.5'}         | ${''}        | ${'three equal files of one moment'}
  ${'a:x@1#7 b:x@1.1#7'} | ${'c:x@1.2#7'}             | ${'a>c b>c'} | ${'one file renamed twice'}
  ${'b:x@2#7'}           | ${'a:x@1#7'}               | ${'b>a'}     | ${'a file that was moved, and moved back'}
  ${'a:x@1#7 b:x@1#8'}   | ${'c:x@1.01#7 d:x@1.02#8'} | ${'a>c b>d'} | ${'equal files made together, and renamed'}
  ${'a:x@1#7'}           | ${'b:x@1#8'}               | ${''}        | ${'another file'}
  ${'a:x@1#7 b:x@1#8'}   | ${'c:x@9#7'}               | ${'a>c'}     | ${'a file accounts for its own names alone'}
`('R8.3 missing $missing, present $present: $why', ({ missing, present, moved }) => {
  const found = [...moves(placed(missing), placed(present))].map(([from, to]) => `${from}>${to}`)
  expect(found.join(' ')).toBe(moved)
})
