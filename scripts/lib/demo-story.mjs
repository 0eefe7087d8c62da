/**
 * A day of four agents' projects on two devices, played through real engines: what they hold, who changed
 * what when, and where it leaves something to decide. Nothing in it is random.
 */
import { json } from './demo-world.mjs'

/** @typedef {import('./demo-world.mjs').DemoWorld} DemoWorld */

const PRIVATE = ['FILE_SYNC_USER_ID=u-1042']

/** The JSON conflict: two values are in doubt, the rest of both sides goes together. */
const AGENT = {
  base: agent({ model: 'balanced', perHour: 40 }),
  laptop: agent({ model: 'fast', perHour: 60, summaries: 'daily' }),
  buildServer: agent({ model: 'careful', perHour: 25, language: 'en-GB' }),
}

function agent({ model, perHour, language = 'en', ...rest }) {
  return json({
    model,
    temperature: 0.4,
    language,
    limits: { perHour, perDay: 400 },
    signature: 'Kind regards',
    tools: ['calendar', 'search', 'files'],
    ...rest,
  })
}

const LABELS = {
  base: json({ urgent: { colour: 'red', notify: true }, later: { colour: 'grey', notify: false } }),
  laptop: json({ urgent: { colour: 'amber', notify: true }, later: { colour: 'grey', notify: false } }),
  buildServer: json({ urgent: { colour: 'orange', notify: true }, later: { colour: 'grey', notify: false } }),
}

/** The text conflict: the same two lines changed on both sides, and another place on one. */
const TONE = {
  base: tone('- Answer in the language of the question.', '- Keep it under 150 words.'),
  laptop: tone('- Answer in the language of the question, also in lists.', '- Keep it under 120 words.'),
  buildServer: tone(
    '- Answer in the language of the latest message.',
    '- Keep it under 200 words.',
    '- Offer a next step only if there is one.',
  ),
}

function tone(language, length, last = '- Offer a next step.') {
  return `# Tone

What works in replies, learned from edits to drafts.

## Language

${language}
- Plain words before terms.

## Length

${length}
- One question at a time.

## Ending

${last}
`
}

function week(lines) {
  return `# This week\n\n${lines.map(line => `- ${line}\n`).join('')}`
}

const WEEK = [
  'Invoices: three reminders are due on Thursday.',
  'The newsletter goes out after the review.',
  'Two threads wait for an answer from suppliers.',
  'Move the stand-up summary to the afternoon.',
]

const SUBJECTS = ['Invoice reminder', 'Delivery date', 'Meeting notes', 'Renewal', 'Feedback on the draft']

function threads(number) {
  return Object.fromEntries(
    Array.from({ length: number }, (_, index) => {
      const id = `t-${1021 + index}`
      const subject = SUBJECTS[index % SUBJECTS.length]
      return [`data/threads/${id}.json`, thread({ id, subject, unread: index % 4 === 0 })]
    }),
  )
}

function thread({ id, subject, unread, summary = 'Not summarised yet.' }) {
  return json({ id, subject, unread, labels: unread ? ['inbox'] : ['archive'], summary })
}

const MAIL = {
  config: {
    syncFilePatterns: [
      'data/application-state/**/*.json',
      'data/settings/**/*.json',
      'data/learnings/**/*.md',
      'data/threads/*.json',
      'data/drafts/**/*.md',
      '!data/drafts/scratch-*',
    ],
    privateSyncFilePatterns: ['data/private/**/*.md'],
    maxFileBytes: 65_536,
  },
  env: PRIVATE,
  files: {
    'data/application-state/navigation.json': json({ view: 'inbox', threadId: null, filter: 'unread' }),
    'data/application-state/compose.json': json({ open: false, draft: null }),
    'data/settings/agent.json': AGENT.base,
    'data/settings/labels.json': LABELS.base,
    'data/settings/quiet-hours.json': json({ from: '20:00', to: '07:00', enabled: true }),
    'data/learnings/tone.md': TONE.base,
    'data/learnings/this-week.md': week(WEEK.slice(0, 1)),
    'data/learnings/scheduling.md':
      '# Scheduling\n\n- Offer two times, never one.\n- No meetings on Fridays.\n',
    'data/drafts/renewal.md': '# Renewal\n\nThank you for the offer. Before we renew:\n',
    'data/drafts/scratch-ideas.md': 'Not for sharing yet.\n',
    'data/private/journal.md': '# Journal\n\nThe first week with the agent.\n',
    'data/credentials.json': json({ note: 'this file never leaves the laptop' }),
    'data/mail-server.pem': 'this file never leaves the laptop\n',
    'data/inbox.mbox': 'not one of the patterns\n',
    ...threads(42),
  },
}

function sources(number) {
  return Object.fromEntries(
    Array.from({ length: number }, (_, index) => {
      const name = `source-${String(index + 1).padStart(2, '0')}`
      return [`data/sources/${name}.md`, `# Source ${index + 1}\n\nSummary and quotes.\n`]
    }),
  )
}

const RESEARCH = {
  config: { syncFilePatterns: ['data/**/*.md', 'data/**/*.json'], privateSyncFilePatterns: [] },
  files: {
    ...sources(34),
    'data/outline.md': '# Outline\n\n1. Question\n2. Method\n3. Findings\n',
    'data/state.json': json({ step: 'reading', queue: 6 }),
  },
}

const RELEASE = {
  config: { syncFilePatterns: ['data/**/*.{json,md,yaml}'], privateSyncFilePatterns: [] },
  files: {
    'data/changelog/next.md': '# Next\n',
    'data/checks/last-run.json': json({ passed: 212, failed: 0 }),
    'data/plan.yaml': 'freeze: monday\nrelease: wednesday\n',
    ...Object.fromEntries(
      Array.from({ length: 21 }, (_, index) => [
        `data/changelog/2.${index}.md`,
        `# 2.${index}\n\nWhat has changed.\n`,
      ]),
    ),
  },
}

const HOME = {
  config: { syncFilePatterns: ['data/**/*.json'], privateSyncFilePatterns: [] },
  files: Object.fromEntries(
    ['hall', 'kitchen', 'study', 'garden'].flatMap(room => [
      [`data/rooms/${room}.json`, json({ room, target: 20.5, night: 17 })],
      [`data/schedules/${room}.json`, json({ room, on: '06:30', off: '22:00' })],
    ]),
  ),
}

/** A project that is not kept in step yet: what the first run finds. */
export function prepareFirstRun(/** @type {DemoWorld} */ world) {
  const copy = world.laptop('notes-agent')
  copy.write('package.json', json({ name: 'notes-agent', private: true }))
  copy.write('.env', 'PORT=3000\n')
  for (const [path, content] of Object.entries(NOTES)) copy.write(path, content)
  for (const name of ['website', 'dotfiles', 'Documents', 'Downloads'])
    world.laptop(name).write('readme.txt', '')
  world.laptop('website').write('package.json', json({ name: 'website' }))
}

const NOTES = {
  'data/settings.json': json({ sort: 'newest', language: 'en' }),
  'data/application-state/editor.json': json({ open: ['notes/ideas.md'], line: 12 }),
  'data/notes/ideas.md': '# Ideas\n\n- A weekly digest\n- Tags that grow by themselves\n',
  'data/notes/reading-list.md': '# Reading list\n\n- Local-first software\n',
  'data/notes/meeting.md': '# Meeting\n\nDecide on the export format.\n',
  'data/memory/topics.json': json({ topics: ['writing', 'gardens'] }),
  'data/memory/style.md': '# Style\n\nShort sentences.\n',
  'data/exports/2026-03.csv': 'note,words\nideas,120\n',
  'data/server.key': 'this file never leaves the laptop\n',
  'data/.DS_Store': '',
}

/** Plays the day. Returns the folders' ids. */
export async function playDay(/** @type {DemoWorld} */ world) {
  const projects = {
    'mail-agent': MAIL,
    'research-agent': RESEARCH,
    'release-notes': RELEASE,
    'home-agent': HOME,
  }
  await world.goTo(25 * 60)
  for (const [name, project] of Object.entries(projects)) world.project(name, project)
  const ids = {}
  for (const name of Object.keys(projects)) {
    ids[name] = await world.add(name)
    await world.buildServer(name).sync()
  }
  for (const [hours, edits] of DAY) await work(world, ids, hours * 60, edits)
  await decide(world, ids)
  return ids
}

/**
 * Hours before now, and how much each device does then: project, changes here, changes there.
 *
 * @type {[number, [string, number, number][]][]}
 */
const DAY = [
  [21.5, [['mail-agent', 4, 3]]],
  [20.4, [['mail-agent', 6, 2]]],
  [19.3, [['release-notes', 3, 2]]],
  [
    15.2,
    [
      ['mail-agent', 0, 3],
      ['home-agent', 2, 0],
    ],
  ],
  [11.6, [['release-notes', 2, 6]]],
  [
    9.4,
    [
      ['mail-agent', 3, 5],
      ['home-agent', 1, 3],
    ],
  ],
  [8.2, [['mail-agent', 7, 4]]],
  [6.3, [['release-notes', 4, 1]]],
  [
    5.1,
    [
      ['mail-agent', 5, 6],
      ['research-agent', 6, 0],
    ],
  ],
  [4.2, [['mail-agent', 2, 8]]],
  [3.3, [['release-notes', 2, 5]]],
  [2.2, [['mail-agent', 6, 3]]],
]

async function work(world, ids, minutes, edits) {
  for (const [name, here, there] of edits) {
    await world.goTo(minutes)
    const round = Math.round(minutes)
    for (let n = 0; n < here; n++) world.laptop(name).write(...change(name, n, round, 'laptop'))
    if (name === 'mail-agent') writeWeek(world.laptop(name), minutes)
    await world.inStep(ids[name])
    await world.goTo(minutes - 4)
    await world.buildServer(name).sync()
    for (let n = 0; n < there; n++)
      world.buildServer(name).write(...change(name, here + n, round, 'build-server'))
    await world.buildServer(name).sync()
    await world.inStep(ids[name])
  }
}

/** Grows over the day, so that it has a history. */
function writeWeek(copy, minutes) {
  const lines = minutes > 15 * 60 ? 2 : minutes > 5 * 60 ? 3 : 4
  copy.write('data/learnings/this-week.md', week(WEEK.slice(0, lines)))
}

function change(name, n, round, by) {
  switch (name) {
    case 'mail-agent': {
      const index = (round + n * 5) % 42
      const id = `t-${1021 + index}`
      const subject = SUBJECTS[index % SUBJECTS.length]
      const summary = by === 'laptop' ? `Read, answered (${round}).` : `Summarised in ${round} words.`
      return [`data/threads/${id}.json`, thread({ id, subject, unread: false, summary })]
    }
    case 'release-notes':
      return n === 0
        ? ['data/checks/last-run.json', json({ passed: 212 + round, failed: 0 })]
        : [`data/changelog/2.${(round + n) % 21}.md`, `# 2.${(round + n) % 21}\n\nChecked ${round}.\n`]
    case 'home-agent':
      return [
        `data/rooms/${['hall', 'kitchen', 'study', 'garden'][n % 4]}.json`,
        json({ room: n, target: 20 + (round % 3) / 2, night: 17 }),
      ]
    default:
      return [
        `data/sources/source-${String(n + 1).padStart(2, '0')}.md`,
        `# Source ${n + 1}\n\nRead ${round}.\n`,
      ]
  }
}

/** The last hour: what leaves something to decide, and the last few changes. */
async function decide(world, ids) {
  await weekFromBothSides(world, ids)
  await conflicts(world, ids)
  await hold(world, ids)
  await lastChanges(world, ids)
}

/** A note that the build server has written again and again: a history on the laptop. */
async function weekFromBothSides(world, ids) {
  const here = world.laptop('mail-agent')
  const there = world.buildServer('mail-agent')
  for (const [minutes, lines] of [
    [100, [...WEEK.slice(0, 3), 'The stand-up summary stays in the morning.']],
    [74, [WEEK[0], 'The newsletter has gone out.', ...WEEK.slice(2)]],
  ]) {
    await world.goTo(minutes)
    await there.sync()
    there.write('data/learnings/this-week.md', week(lines))
    await there.sync()
    await world.inStep(ids['mail-agent'])
  }
  await world.goTo(58)
  here.write(
    'data/drafts/renewal.md',
    '# Renewal\n\nThank you for the offer. Before we renew, two questions:\n',
  )
  here.write('data/private/journal.md', '# Journal\n\nThe second week with the agent.\n')
  await world.inStep(ids['mail-agent'])
}

async function conflicts(world, ids) {
  const id = ids['mail-agent']
  const here = world.laptop('mail-agent')
  const there = world.buildServer('mail-agent')
  await world.goTo(52)
  await there.sync()
  await world.client.folders.pause({ id })
  await world.goTo(46)
  there.write('data/settings/agent.json', AGENT.buildServer)
  there.write('data/settings/labels.json', LABELS.buildServer)
  await world.goTo(43)
  there.write('data/learnings/tone.md', TONE.buildServer)
  there.write(
    'data/application-state/navigation.json',
    json({ view: 'inbox', threadId: null, filter: 'all' }),
  )
  await there.sync()
  await world.goTo(38)
  here.write('data/settings/agent.json', AGENT.laptop)
  here.write('data/settings/labels.json', LABELS.laptop)
  here.write(
    'data/application-state/navigation.json',
    json({ view: 'inbox', threadId: 't-1042', filter: 'unread' }),
  )
  await world.goTo(34)
  here.write('data/learnings/tone.md', TONE.laptop)
  await world.client.folders.resume({ id })
  await world.until(id, folder => folder.conflicts === 3, 'the conflicts')
}

/** A clean-up that went too far. */
async function hold(world, ids) {
  const here = world.laptop('research-agent')
  await world.goTo(29)
  for (let n = 1; n <= 26; n++) here.remove(`data/sources/source-${String(n).padStart(2, '0')}.md`)
  await world.until(ids['research-agent'], folder => folder.holds > 0, 'the hold')
}

async function lastChanges(world, ids) {
  await work(world, ids, 21, [['release-notes', 1, 3]])
  await world.goTo(12)
  const here = world.laptop('mail-agent')
  here.write('data/threads/export.json', json({ threads: 'x'.repeat(90_000) }))
  await world.until(ids['mail-agent'], folder => folder.problems > 0, 'the problem')
  await work(world, ids, 9, [['home-agent', 1, 1]])
  await world.goTo(3)
  here.write(
    'data/drafts/renewal.md',
    '# Renewal\n\nThank you for the offer. Two questions before we renew:\n\n1. ',
  )
  await world.goTo(1)
  const there = world.buildServer('mail-agent')
  await there.sync()
  there.write('data/threads/t-1063.json', thread({ id: 't-1063', subject: 'Delivery date', unread: true }))
  await there.sync()
  await world.inStep(ids['mail-agent'])
  await world.goTo(0)
}

/**
 * After the day: what should not travel unseen. A settings file of a coding agent, which the build server has and the
 * laptop does not, and a note with a key in it. Values that no service has ever given out.
 */
export async function playSecrets(/** @type {DemoWorld} */ world, ids) {
  const there = world.buildServer('home-agent')
  await there.sync()
  there.write('data/.claude/settings.json', AGENT_HOOKS)
  there.write(
    'data/.mcp.json',
    json({ mcpServers: { rooms: { command: 'node', args: ['rooms-server.mjs'] } } }),
  )
  await there.sync()
  await world.client.folders.syncNow({ id: ids['home-agent'] })
  await world.until(ids['home-agent'], folder => folder.waiting === 2, 'the files that wait')
  world.laptop('release-notes').write('data/changelog/publish.md', PUBLISH)
  await world.until(ids['release-notes'], folder => folder.holds > 0, 'the file with a key')
}

const AGENT_HOOKS = json({
  permissions: { allow: ['Bash(npm run rooms)'] },
  hooks: {
    SessionStart: [{ hooks: [{ type: 'command', command: 'npm run rooms -- --all' }] }],
  },
})

const PUBLISH = `# How to publish

1. Write the notes.
2. GITHUB_TOKEN=ghp_${'Lk4tR7mQ2xZ9'.repeat(3)}
3. npm run publish
`
