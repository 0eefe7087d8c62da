/** What electron.d.ts says that its classes and modules have. */
import { type Declared, isNode, nameOf, type Node, plain, Source } from './declarations.ts'

const EVENT = /^on\(\s*event:\s*'([^']+)'/

export class ElectronTypes {
  readonly #source: Source
  readonly #declared = new Map<string, Declared>()
  /** What `import … from 'electron'` offers in the main process. */
  readonly exports: ReadonlySet<string>

  constructor(file: string) {
    this.#source = new Source(file, { isDeclaration: true })
    const [electron] = this.#source.body.filter(
      node => node.type === 'TsModuleDeclaration' && nameOf(node['id']) === 'Electron',
    )
    const body = electron?.['body']
    const declarations = isNode(body) && Array.isArray(body['body']) ? body['body'].filter(isNode) : []
    for (const declaration of declarations.map(inside)) this.#add(declaration)
    const common = declarations.map(inside).find(node => nameOf(node['id']) === 'CrossProcessExports')
    const names = ['VariableDeclarator', 'ClassDeclaration'].flatMap(type => this.#source.all(type, common))
    this.exports = new Set(names.map(node => nameOf(node['id'] ?? node['identifier'])))
  }

  /** With what it inherits. Throws where there is no such class. */
  of(name: string): Declared {
    const own = this.#declared.get(name)
    if (own === undefined) throw new Error(`electron.d.ts declares no ${name}`)
    if (own.parent === null || !this.#declared.has(own.parent)) return own
    const above = this.of(own.parent)
    return {
      methods: new Map([...above.methods, ...own.methods]),
      properties: new Set([...above.properties, ...own.properties]),
      events: new Set([...above.events, ...own.events]),
      parent: null,
    }
  }

  #add(node: Node): void {
    const isClass = node.type === 'ClassDeclaration'
    if (!isClass && node.type !== 'TsInterfaceDeclaration') return
    const name = nameOf(isClass ? node['identifier'] : node['id'])
    const body = isClass ? node['body'] : isNode(node['body']) ? node['body']['body'] : []
    const methods = new Map<string, Set<string>>()
    const properties = new Set<string>()
    const events = new Set<string>()
    for (const member of (Array.isArray(body) ? body : []).filter(isNode)) {
      const text = this.#source
        .text(member)
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/^static /, '')
      const event = EVENT.exec(text)?.[1]
      const key = member.type === 'Constructor' ? 'constructor' : nameOf(member['key'])
      if (event !== undefined) events.add(event)
      else if (/^[\w$]+\s*\(/.test(text))
        methods.set(key, (methods.get(key) ?? new Set()).add(signature(text)))
      else properties.add(key)
    }
    const parent = nameOf(node['superClass']) || null
    // Some are declared twice: as a class and, of the same name, in a module.
    if (!this.#declared.has(name)) this.#declared.set(name, { methods, properties, events, parent })
  }
}

/** `name(parameters): type` without the name. */
function signature(text: string): string {
  return plain(text.replace(/^[\w$]+/, '').replace(/;$/, ''))
}

function inside(node: Node): Node {
  const { declaration } = node
  return isNode(declaration) ? declaration : node
}
