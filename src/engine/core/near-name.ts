/** Which of some names another one is a slip of the pen for. */

/** One letter in so many may be wrong. */
const LETTERS_PER_SLIP = 4

/** Null where none is near. Capitals, `-` and `_` make no difference. */
export function nearest<Name extends string>(written: string, names: readonly Name[]): Name | null {
  const plain = plainOf(written)
  const near = names
    .filter(name => Math.abs(plainOf(name).length - plain.length) <= slipsIn(name))
    .map(name => ({ name, slips: distance(plain, plainOf(name)) }))
    .filter(({ name, slips }) => slips <= slipsIn(name))
    .sort((a, b) => a.slips - b.slips)
  return near[0]?.name ?? null
}

function slipsIn(name: string): number {
  return Math.floor(name.length / LETTERS_PER_SLIP)
}

function plainOf(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '')
}

/** Letters inserted, left out, exchanged, or swapped with the next one (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current.push(
        Math.min(
          last[column]! + 1,
          current[column - 1]! + 1,
          last[column - 1]! + (isSame ? 0 : 1),
          isSwapped ? beforeLast[column - 2]! + 1 : Infinity,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return last[b.length]!
}
