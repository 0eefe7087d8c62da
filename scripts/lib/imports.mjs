/** What a built file imports. */

/**
 * The literal specifiers of all imports, of all calls of `require`, and of any call that is handed 'electron'.
 * @param {object} program the syntax tree
 */
export function importsOf(program) {
  /** @type {Set<string>} */
  const found = new Set()
  visit(program, node => {
    const [argument] = node.type === 'CallExpression' ? node.arguments : []
    const loads = /^_*require(\$\d+)?$/.test(node.callee?.name ?? '') || argument?.value === 'electron'
    const source = loads ? argument : node.source
    if (source?.type === 'Literal' && typeof source.value === 'string') found.add(source.value)
  })
  return found
}

function visit(node, look) {
  if (typeof node !== 'object' || node === null) return
  if (typeof node.type === 'string') look(node)
  for (const child of Object.values(node)) visit(child, look)
}

/** @param {string} specifier */
export function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
