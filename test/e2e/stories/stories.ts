/** User stories as data: what a person does in the app, what programs do to files, what everybody must see then. */

/** 'here' is the device with the app, 'there' another one with the command line. */
export type Side = 'here' | 'there'

export type Role = 'button' | 'heading' | 'row' | 'tab'

export type Step =
  /** Whole names, unless they have a `*`, which stands for anything. */
  | { readonly do: 'click'; readonly role: Role; readonly name: string; readonly in?: 'dialog' }
  | { readonly do: 'go'; readonly hash: string }
  /** The folder of this device, in the way the shell has for it: the system's dialog, or a list of folders. */
  | { readonly do: 'choose-folder' }
  | { readonly do: 'see'; readonly role: Role; readonly name: string }
  /** In the main part of the page. */
  | { readonly do: 'read'; readonly text: string }
  | { readonly do: 'reload' }
  | { readonly do: 'write'; readonly side: Side; readonly path: string; readonly content: string }
  | { readonly do: 'remove'; readonly side: Side; readonly path: string }
  /** As a database does that is set back or emptied. */
  | { readonly do: 'lose-in-database'; readonly under: string }
  /** The other device runs `lockstep sync` once. */
  | { readonly do: 'sync-there' }
  /** Null: it must not be there. Waits until it is so. */
  | {
      readonly do: 'expect-file'
      readonly side: Side
      readonly path: string
      readonly content: string | null
    }
  | { readonly do: 'expect-in-database'; readonly path: string; readonly content: string | null }
  | { readonly do: 'expect-theme'; readonly theme: 'light' | 'dark' | null }

export interface Story {
  readonly name: string
  readonly steps: readonly Step[]
}

const click = (role: Role, name: string): Step => ({ do: 'click', role, name })
const read = (text: string): Step => ({ do: 'read', text })
const write = (side: Side, path: string, content: string): Step => ({ do: 'write', side, path, content })
const file = (side: Side, path: string, content: string | null): Step => ({
  do: 'expect-file',
  side,
  path,
  content,
})
const row = (path: string, content: string | null): Step => ({ do: 'expect-in-database', path, content })

/** From the first page, by the four steps, to a folder in step. */
const ADD_FOLDER: readonly Step[] = [
  click('button', 'Choose a folder'),
  { do: 'choose-folder' },
  { do: 'see', role: 'heading', name: 'story' },
  click('button', 'Continue'),
  { do: 'see', role: 'heading', name: 'Which files?' },
  click('button', 'Continue'),
  click('button', 'Test connection'),
  read('The connection works.'),
  click('button', 'Continue'),
  click('button', 'Start syncing'),
  read('In step'),
]

/** For titles. */
export const NAMED = (): (readonly [string, Story])[] => STORIES.map(story => [story.name, story])

const NOTES = Array.from({ length: 24 }, (_, number) => `data/notes/${number}.md`)

export const STORIES: readonly Story[] = [
  {
    name: 'a folder is added, and files go both ways',
    steps: [
      write('here', 'data/one.md', 'one\n'),
      ...ADD_FOLDER,
      row('data/one.md', 'one\n'),
      { do: 'sync-there' },
      file('there', 'data/one.md', 'one\n'),
      write('there', 'data/deep/two.json', '{ "two": 2 }\n'),
      { do: 'sync-there' },
      file('here', 'data/deep/two.json', '{ "two": 2 }\n'),
      { do: 'see', role: 'row', name: '*two.json*' },
      { do: 'remove', side: 'here', path: 'data/one.md' },
      row('data/one.md', null),
      { do: 'sync-there' },
      file('there', 'data/one.md', null),
    ],
  },
  {
    name: 'R6 a conflict is shown and decided, for both sides',
    steps: [
      write('here', 'data/notes.md', '# Plan\n\nAnswer.\n'),
      ...ADD_FOLDER,
      row('data/notes.md', '# Plan\n\nAnswer.\n'),
      { do: 'sync-there' },
      click('button', 'Pause'),
      read('This folder is paused'),
      write('here', 'data/notes.md', '# Plan\n\nAnswer one.\n'),
      write('there', 'data/notes.md', '# Plan\n\nAnswer all.\n'),
      { do: 'sync-there' },
      click('button', 'Resume'),
      click('tab', 'Conflicts*'),
      click('button', 'Resolve: data/notes.md'),
      { do: 'click', role: 'button', name: 'Keep the other', in: 'dialog' },
      file('here', 'data/notes.md', '# Plan\n\nAnswer all.\n'),
      row('data/notes.md', '# Plan\n\nAnswer all.\n'),
      file('here', 'data/notes.md.conflict', null),
    ],
  },
  {
    name: 'R8 what the database has lost is held, and restored there',
    steps: [
      ...NOTES.map(path => write('here', path, `${path}\n`)),
      write('here', 'data/kept.md', 'kept\n'),
      ...ADD_FOLDER,
      ...NOTES.map(path => row(path, `${path}\n`)),
      { do: 'lose-in-database', under: 'data/notes' },
      read('24 changes are held'),
      file('here', NOTES[0] ?? '', `${NOTES[0]}\n`),
      { do: 'go', hash: '#/' },
      click('button', 'Review: *'),
      { do: 'click', role: 'button', name: 'Keep them: restore the files', in: 'dialog' },
      ...NOTES.map(path => row(path, `${path}\n`)),
      file('here', 'data/kept.md', 'kept\n'),
    ],
  },
  {
    name: 'the theme that was chosen is kept',
    steps: [
      { do: 'go', hash: '#/settings' },
      click('button', 'Dark'),
      { do: 'expect-theme', theme: 'dark' },
      { do: 'reload' },
      { do: 'see', role: 'heading', name: 'Settings' },
      { do: 'expect-theme', theme: 'dark' },
      click('button', 'System'),
      { do: 'expect-theme', theme: null },
    ],
  },
]
