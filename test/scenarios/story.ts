/** User stories as data: what is there, what people and programs do, what both sides must hold afterwards. */
import { utimesSync } from 'node:fs'
import type { Content, Project } from '../support/project.ts'
import { pace, until } from '../support/until.ts'

export type Files = Readonly<Record<string, Content>>

export type Action =
  /** Truncates, then writes. */
  | { readonly do: 'write'; readonly path: string; readonly content: Content }
  /** Writes a temporary file, then renames it over. */
  | { readonly do: 'save'; readonly path: string; readonly content: Content }
  | { readonly do: 'append'; readonly path: string; readonly content: Content }
  | { readonly do: 'rename'; readonly path: string; readonly to: string }
  /** A file, or a folder with all that is in it. */
  | { readonly do: 'remove'; readonly path: string }
  /** Only the modification time. */
  | { readonly do: 'touch'; readonly path: string; readonly time: Date }
  /** Spaces two actions, in milliseconds. */
  | { readonly do: 'pause'; readonly ms: number }
  /** Until the other side has what was done so far; while no engine runs, there is nothing to wait for. */
  | { readonly do: 'meet'; readonly path: string; readonly content: string | null }

export interface Step {
  /** 'here' is the side on which the story is told; it is told from both. */
  readonly side: 'here' | 'there'
  readonly action: Action
}

export interface Story {
  readonly name: string
  /** The rules that it holds, and the forerunner's faults that it keeps away. */
  readonly rule: string
  /** In step on both sides before anything happens. */
  readonly init: Files
  readonly actions: readonly Step[]
  /** On both sides and in the database, and nothing else. */
  readonly expected: Files
  /** What only the side where it was written holds, for files that must not travel. */
  readonly onlyHere?: Files
  /** Folders that must be gone on both sides. */
  readonly foldersGone?: readonly string[]
  /** Not told of engines that run all the time: there, the sides would not do it at once. */
  readonly isOffline?: true
}

export const here = (action: Action): Step => ({ side: 'here', action })
export const there = (action: Action): Step => ({ side: 'there', action })

export const write = (path: string, content: Content): Action => ({ do: 'write', path, content })
export const save = (path: string, content: Content): Action => ({ do: 'save', path, content })
export const append = (path: string, content: Content): Action => ({ do: 'append', path, content })
export const rename = (path: string, to: string): Action => ({ do: 'rename', path, to })
export const remove = (path: string): Action => ({ do: 'remove', path })
export const touch = (path: string, time: Date): Action => ({ do: 'touch', path, time })
export const pause = (ms: number): Action => ({ do: 'pause', ms })
/** With null: until the file is gone there. */
export const meet = (path: string, content: string | null): Action => ({ do: 'meet', path, content })

/** Carries a story's actions out below `folder`, so that many can be told side by side. */
export async function play(steps: readonly Step[], folder: string, sides: Sides): Promise<void> {
  for (const { side, action } of steps) {
    const [project, other] = side === 'here' ? [sides.here, sides.there] : [sides.there, sides.here]
    await act(project, other, folder, action)
  }
}

export interface Sides {
  readonly here: Project
  readonly there: Project
}

async function act(project: Project, other: Project, folder: string, action: Action): Promise<void> {
  if (action.do === 'pause') return pace(action.ms)
  const path = `${folder}/${action.path}`
  switch (action.do) {
    case 'write':
      return project.write(path, action.content)
    case 'save':
      return project.save(path, action.content)
    case 'append':
      return project.append(path, action.content)
    case 'rename':
      return project.rename(path, `${folder}/${action.to}`)
    case 'remove':
      // Where both sides remove it, the other one's delete may have come first.
      if (project.has(path)) project.remove(path)
      return
    case 'touch':
      return utimesSync(project.at(path), action.time, action.time)
    case 'meet':
      if (project.engine === null) return
      return until(
        () => other.read(path) === action.content,
        `${path} to arrive`,
        () => project.engine!.describe(),
      )
  }
}
