/**
 * What TypeScript sources declare, as texts that can be compared: electron.d.ts on the one side, the stand-in's own
 * sources on the other. Read with swc, since TypeScript 7 has no API.
 */
import { readFileSync } from 'node:fs'
import { type Module, type ModuleItem, parseSync, type Statement } from '@swc/core'

export interface Declared {
  /** Each way to call it: parameters with their types, then what comes back, without blanks. */
  readonly methods: ReadonlyMap<string, ReadonlySet<string>>
  readonly properties: ReadonlySet<string>
  readonly events: ReadonlySet<string>
  readonly parent: string | null
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Nodes of the syntax tree differ by `type`; this walks over whatever they hold. */
export interface Node {
  readonly type: string
  readonly span: Span
  readonly [field: string]: unknown
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'span' in value
}

/** swc counts bytes, and goes on counting from file to file: a first statement of ours tells where this one begins. */
const FIRST = 'var first;\n'

export class Source {
  readonly #bytes: Buffer
  readonly #offset: number
  readonly body: readonly Node[]

  constructor(file: string, { isDeclaration = false } = {}) {
    const text = FIRST + readFileSync(file, 'utf8')
    this.#bytes = Buffer.from(text)
    const module: Module = parseSync(text, {
      syntax: 'typescript',
      target: 'es2024',
      ...(isDeclaration && { dts: true }),
    })
    const items: readonly (ModuleItem | Statement)[] = module.body
    const nodes = items.filter(item => isNode(item))
    this.#offset = nodes[0]?.span.start ?? 0
    this.body = nodes.slice(1)
  }

  text({ span }: { readonly span: Span }): string {
    return this.#bytes.toString('utf8', span.start - this.#offset, span.end - this.#offset)
  }

  /** All nodes of a kind, wherever they are. */
  all(type: string, within: unknown = this.body): Node[] {
    if (Array.isArray(within)) return within.flatMap(each => this.all(type, each))
    if (typeof within !== 'object' || within === null) return []
    const below = Object.values(within).flatMap(each => this.all(type, each))
    return isNode(within) && within.type === type ? [within, ...below] : below
  }
}

/** `any` and `unknown` say the same to who calls; parentheses, blanks and the namespace say nothing. */
export function plain(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/\bElectron\./g, '')
    .replace(/\bGlobal(Request|Response)\b/g, '$1')
    .replace(/\bany\b/g, 'unknown')
    .replace(/[\s()]|\breadonly /g, '')
    .replaceAll('Record<unknown,unknown>', 'Record<string,unknown>')
    .replaceAll('Promise<unknown>|unknown', 'unknown')
    .replace(/,(?=$|=>|:)/g, '')
}

export function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  const { value } = node
  return typeof value === 'string' ? value : ''
}
