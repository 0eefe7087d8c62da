/** A name or a path amid other words: isolated, so that it turns nothing around, and with nothing unseen in it. */
import { escaped, readsRightToLeft } from '../../contract/shown.ts'

export function NameText({ name }: { readonly name: string }) {
  const shown = escaped(name)
  return readsRightToLeft(shown) ? <bdi dir="ltr">{shown.split(ENDS).map(directed)}</bdi> : <bdi>{shown}</bdi>
}

/** Between the names of a path, and before an extension. */
const ENDS = /(\/|\.[A-Za-z0-9]{1,10}(?=\/|$))/

/** The order is from left to right, as everywhere in a path; what lies between is read in a direction of its own. */
function directed(part: string, index: number) {
  return index % 2 === 1 || part === '' ? part : <bdi key={index}>{part}</bdi>
}
