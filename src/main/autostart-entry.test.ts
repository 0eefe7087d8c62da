import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  autostartCommand,
  autostartFile,
  autostartText,
  isAutostarted,
  loginItem,
  removeAutostart,
  writeAutostart,
} from './autostart-entry.ts'

test('the file comes, is written anew, and goes', () => {
  const config = mkdtempSync(join(tmpdir(), 'lockstep-autostart-'))
  const env = { XDG_CONFIG_HOME: config }
  try {
    expect(isAutostarted(env)).toBe(false)
    writeAutostart(env, ['/opt/Lockstep/lockstep'])
    expect(autostartFile(env)).toBe(join(config, 'autostart/dev.lockstep.Lockstep.desktop'))
    writeAutostart(env, ['/usr/bin/lockstep'])
    expect(readFileSync(autostartFile(env), 'utf8')).toContain('Exec="/usr/bin/lockstep" "--hidden"\n')
    removeAutostart(env)
    removeAutostart(env)
    expect(isAutostarted(env)).toBe(false)
  } finally {
    rmSync(config, { recursive: true })
  }
})

test('an AppImage starts by its own file, an unpacked app with its folder', () => {
  expect(autostartCommand({ APPIMAGE: '/apps/L.AppImage' }, '/tmp/.mount/l', null)).toEqual([
    '/apps/L.AppImage',
  ])
  expect(autostartCommand({}, '/usr/bin/lockstep', null)).toEqual(['/usr/bin/lockstep'])
  expect(autostartCommand({}, '/e/electron', '/src/app')).toEqual(['/e/electron', '/src/app'])
})

test('names with signs of their own stay one word', () => {
  const text = autostartText({ LOCKSTEP_HOME: '/h/my $HOME' }, ['/a b/100%/"q"/lock`step'])
  const exec = /^Exec=(.*)$/m.exec(text)?.[1] ?? ''
  expect(exec).toBe('"env" "LOCKSTEP_HOME=/h/my \\\\$HOME" "/a b/100%%/\\\\"q\\\\"/lock\\\\`step" "--hidden"')
  expect(text.split('\n').every(line => line === '' || line.startsWith('[') || line.includes('='))).toBe(true)
})

test.each([
  ['darwin', { type: 'agentService', serviceName: 'dev.lockstep.Lockstep.login.plist' }],
  ['win32', { args: ['--hidden'] }],
] as const)('on %s it is started without a window', (platform, item) => {
  expect(loginItem(platform)).toEqual(item)
})

test('the launch agent of macOS starts this app, hidden', () => {
  const text = readFileSync(join(import.meta.dirname, '../../build/login-agent.plist'), 'utf8')
  const strings = [...text.matchAll(/<string>([^<]*)<\/string>/g)].map(([, value]) => value)
  expect(strings).toEqual(
    expect.arrayContaining([
      'dev.lockstep.Lockstep',
      'dev.lockstep.Lockstep.login',
      'Contents/MacOS/Lockstep',
      '--hidden',
    ]),
  )
})
