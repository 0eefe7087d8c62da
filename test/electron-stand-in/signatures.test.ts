/** The stand-in offers only what electron.d.ts declares: the same names, called in the same way, with the same events. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isNode, nameOf, type Node, plain, Source } from './declarations.ts'
import { ElectronTypes } from './electron-types.ts'

const root = join(import.meta.dirname, '..', '..')
const types = new ElectronTypes(join(root, 'node_modules/electron/electron.d.ts'))

/** What the stand-in calls differently, or what has no class of its own there. */
const REAL_NAMES: Readonly<Record<string, string>> = {
  'app.commandLine': 'CommandLine',
  // Nothing is a BaseWindow alone here.
  BaseWindow: 'BrowserWindow',
  'electron (sandboxed)': '',
  'process (sandboxed)': '',
  AnimationSettings: '',
}

/** Files that are no part of what an app sees. */
const AROUND =
  /^(?:control|control-protocol|forge|preload-script|processes|declarations|electron-app|electron-types|single-instance|page|far-ports|cdp|run|utility-run)\.ts$|\.test\.ts$/

interface Offered {
  /** As electron.d.ts calls it. */
  readonly name: string
  readonly methods: readonly (readonly [name: string, signature: string])[]
  readonly properties: readonly string[]
  readonly events: readonly string[]
}

const offered = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts') && !AROUND.test(file))
  .flatMap(file => offeredBy(new Source(join(import.meta.dirname, file))))

test('it has found the stand-in', () => {
  const names = offered.map(({ name }) => name)
  for (const name of [
    'App',
    'BrowserWindow',
    'WebContents',
    'Tray',
    'Menu',
    'Dialog',
    'IpcRenderer',
    'Shell',
  ])
    expect(names).toContain(name)
  const methods = offered.flatMap(each => each.methods)
  const events = offered.flatMap(each => each.events)
  console.log(
    `${offered.length} objects, ${methods.length} methods, ${events.length} events of electron.d.ts`,
  )
  expect(methods.length).toBeGreaterThan(80)
  expect(events.length).toBeGreaterThan(40)
})

test.each(offered.map(each => [each.name, each] as const))('%s', (name, { methods, properties, events }) => {
  const real = types.of(name)
  const wrong = methods
    // What only Electron itself makes has no constructor there.
    .filter(([method]) => method !== 'constructor' || real.methods.has(method))
    .filter(([method, signature]) => !fits(signature, real.methods.get(method)))
    .map(([method, signature]) => ({ method, offers: signature, has: [...(real.methods.get(method) ?? [])] }))
  expect(wrong).toEqual([])
  const unknown = properties.filter(property => !real.properties.has(property) && !real.methods.has(property))
  expect(unknown).toEqual([])
  expect(events.filter(event => !real.events.has(event))).toEqual([])
})

test('electron gives these names to the main process', () => {
  const source = new Source(join(import.meta.dirname, 'electron.ts'))
  const names = source.all('VariableDeclarator').map(node => nameOf(node['id']))
  expect(names.length).toBeGreaterThan(15)
  expect(names.filter(name => !types.exports.has(name))).toEqual([])
})

/**
 * Without a type of what comes back, the parameters alone are compared. A parameter whose type is taken from
 * electron.d.ts itself (`Parameters<…>`) fits by its name.
 */
function fits(signature: string, real: ReadonlySet<string> | undefined): boolean {
  const [beginning = '', ...rest] = signature.split(/Parameters<[^>]+>\[\d\]/)
  return [...(real ?? [])].some(each => {
    if (rest.length === 0) return each === signature || each.startsWith(`${signature}:`)
    return each.startsWith(beginning) && each.endsWith(rest.join(''))
  })
}

function offeredBy(source: Source): Offered[] {
  const aliases = aliasesOf(source)
  const classes = source.all('ClassDeclaration').flatMap(node => {
    const given = nameOf(node['identifier'])
    const name = REAL_NAMES[given] ?? given
    const body = (node['body'] as readonly unknown[]).filter(isNode)
    const isOffered = types.exports.has(name) || isDeclared(name)
    return isOffered ? [{ name, ...membersOf(source, body, aliases), events: eventsOf(source, node) }] : []
  })
  const objects = source.all('CallExpression').flatMap(node => {
    const [name, object] = (node['arguments'] as readonly { readonly expression: Node }[]).map(
      each => each.expression,
    )
    const isGuard = nameOf(node['callee']) === 'guard' && name?.type === 'StringLiteral'
    if (!isGuard || object?.type !== 'ObjectExpression') return []
    const real = realName(nameOf(name))
    const body = (object['properties'] as readonly unknown[]).filter(isNode)
    return real === null ? [] : [{ name: real, ...membersOf(source, body, aliases), events: [] }]
  })
  return [...classes, ...objects]
}

function realName(given: string): string | null {
  const known = REAL_NAMES[given]
  if (known !== undefined) return known === '' ? null : known
  const name = given.charAt(0).toUpperCase() + given.slice(1)
  return isDeclared(name) ? name : null
}

function isDeclared(name: string): boolean {
  try {
    types.of(name)
    return true
  } catch {
    return false
  }
}

/** Types that a file gives names of its own, written out. */
function aliasesOf(source: Source): ReadonlyMap<string, string> {
  const found = source
    .all('TsTypeAliasDeclaration')
    .filter(node => node['typeParams'] === null || node['typeParams'] === undefined)
  return new Map(found.map(node => [nameOf(node['id']), source.text(node['typeAnnotation'] as Node)]))
}

function membersOf(source: Source, body: readonly Node[], aliases: ReadonlyMap<string, string>) {
  const methods: (readonly [string, string])[] = []
  const properties: string[] = []
  for (const member of body) {
    const key = member.type === 'Constructor' ? 'constructor' : nameOf(member['key'] ?? member)
    // What is kept under a symbol has no name.
    if (key === '' || member.type.startsWith('Private')) continue
    const signatures = signaturesOf(source, member, key)
    if (signatures.length === 0) properties.push(key)
    for (const text of signatures) methods.push([key, expand(text, aliases)])
  }
  return { methods, properties }
}

/** None for what is no method. */
function signaturesOf(source: Source, member: Node, key: string): string[] {
  if (member['kind'] === 'getter' || member['kind'] === 'setter') return []
  // A function of the file, put into the object by its name: its overloads stand above it.
  if (member.type === 'Identifier') {
    const overloads = source
      .all('FunctionDeclaration')
      .filter(node => nameOf(node['identifier']) === key && !isNode(node['body']))
    return overloads.map(node => source.text(node).replace(/^[\s\S]*?\(/, '('))
  }
  const value = member['value']
  const isArrow = isNode(value) && value.type === 'ArrowFunctionExpression'
  if (isArrow) return [source.text(value).replace(/\s*=>[\s\S]*$/, '')]
  const isMethod = ['ClassMethod', 'MethodProperty', 'Constructor'].includes(member.type)
  if (!isMethod) return []
  const text = source.text(member).replace(/^[\s\S]*?(?=\()/, '')
  const { body: block } = (member['function'] ?? member) as { readonly body?: unknown }
  const length = isNode(block) ? source.text(block).length : 0
  return [text.slice(0, text.length - length)]
}

/** In the form of electron-types.ts; a parameter typed by electron.d.ts itself is written out. */
function expand(text: string, aliases: ReadonlyMap<string, string>): string {
  let expanded = text.replace(/;$/, '')
  for (const [name, meaning] of aliases)
    expanded = expanded.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), () => meaning)
  return plain(expanded)
}

function eventsOf(source: Source, node: Node): string[] {
  const [call] = source
    .all('CallExpression', node)
    .filter(each => isNode(each['callee']) && each['callee'].type === 'Super')
  const [, events] = ((call?.['arguments'] ?? []) as readonly { readonly expression: Node }[]).map(
    each => each.expression,
  )
  if (events === undefined) return []
  const list =
    events.type === 'Identifier'
      ? source.all('VariableDeclarator').filter(each => nameOf(each['id']) === nameOf(events))
      : [events]
  return list.flatMap(each => source.all('StringLiteral', each)).map(nameOf)
}
