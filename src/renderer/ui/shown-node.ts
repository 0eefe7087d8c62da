/** Texts that stand directly in what a component is given: its elements see to their own. */
import { Children, type ReactNode } from 'react'
import { shownText } from '../../contract/shown.ts'

export function shownNode(node: ReactNode): ReactNode {
  if (typeof node === 'string') return shownText(node)
  if (!Array.isArray(node)) return node
  return Children.map(node as readonly ReactNode[], child =>
    typeof child === 'string' ? shownText(child) : child,
  )
}
