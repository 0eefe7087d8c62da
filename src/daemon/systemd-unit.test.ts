import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { installUnit, unitText } from './systemd-unit.ts'

/** What systemd makes of a quoted word: escapes and `%%` everywhere, `$$` in command lines alone (systemd.syntax(7)). */
function read(quoted: string, place: 'command' | 'environment'): string {
  const plain = quoted.slice(1, -1).replace(/\\(.)/g, '$1').replaceAll('%%', '%')
  return place === 'command' ? plain.replaceAll('$$', '$') : plain
}

const ODD = '/home/me/$HOME ${x} %h 100% "quoted" back\\slash \\n ‮é'

test('R17.7 paths come out of the unit as they are, whatever is in them', () => {
  const lines = unitText({ LOCKSTEP_HOME: ODD }, `${ODD}/cli.js`).split('\n')
  const environment = lines.find(line => line.startsWith('Environment='))?.slice('Environment='.length) ?? ''
  expect(read(environment, 'environment')).toBe(`LOCKSTEP_HOME=${ODD}`)
  const command = lines.find(line => line.startsWith('ExecStart=')) ?? ''
  const words = command.slice('ExecStart='.length).match(/"(?:[^"\\]|\\.)*"/g) ?? []
  expect(words.map(word => read(word, 'command'))).toEqual([
    process.execPath,
    `${ODD}/cli.js`,
    'serve',
    '--no-open',
  ])
})

test('R17.7 systemd itself takes the unit, whatever is in its paths', context => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-unit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const unit = join(folder, 'lockstep.service')
  writeFileSync(unit, unitText({ LOCKSTEP_HOME: ODD }, `${ODD}/cli.js`))
  const env = { ...process.env, XDG_RUNTIME_DIR: folder }
  const { error, status, stderr } = spawnSync('systemd-analyze', ['--user', 'verify', unit], {
    env,
    encoding: 'utf8',
  })
  if (error !== undefined || stderr.includes('initialize manager'))
    return context.skip('there is no systemd here')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test.each(['/a\nExecStartPre=/bin/sh', '/a\r', '/a\u0000', '/a\u0085b'])(
  'R17.7 a path that breaks out of its line is refused, and nothing is written: %j',
  path => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-unit-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const install = (home: string, entry: string) => () =>
      installUnit({ XDG_CONFIG_HOME: folder, LOCKSTEP_HOME: home }, entry, { startNow: false })
    expect(install(path, '/cli.js')).toThrow(/control character/)
    expect(install('/home', path)).toThrow(/control character/)
    const unit = join(folder, 'systemd/user/lockstep.service')
    expect(existsSync(unit)).toBe(false)
    install('/home', '/cli.js')()
    expect(readFileSync(unit, 'utf8')).toContain('Environment="LOCKSTEP_HOME=/home"\n')
  },
)
