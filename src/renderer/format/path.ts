/** Parts of a project-relative path. Separators are `/` on every OS. */

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Of this machine's paths, in a text or alone: the home folder as `~`, which is shorter and says more. */
export function underHome(text: string, home: string): string {
  if (home.length < 2) return text
  let shown = ''
  let from = 0
  for (let at = text.indexOf(home); at !== -1; at = text.indexOf(home, from)) {
    const end = at + home.length
    const isWhole =
      /^$|[\s/\\:;,.!?"'”’)]/.test(text.slice(end, end + 1)) && !/[\w/.-]/.test(text.slice(at - 1, at))
    shown += text.slice(from, at) + (isWhole ? '~' : home)
    from = end
  }
  return shown + text.slice(from)
}

/** The other way round, for what a person types. */
export function fromHome(path: string, home: string): string {
  return /^~(?=$|[/\\])/.test(path) ? home + path.slice(1) : path
}

/** With its final `/`; empty for a file that lies at the top. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}
