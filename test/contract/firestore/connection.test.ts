/**
 * Connecting to Firestore, knowing it again, and leaving it. Time and names of the identity's document prove
 * our proxy; the rest proves the adapter alone.
 */
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readSettingsText } from '../../../src/host/settings-file.ts'
import { createFirestoreAdapter } from '../../../src/adapters/firestore/adapter.ts'
import { AdapterError } from '../../../src/engine/ports/adapter.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import { isGooglesEmulator, openAdapter } from '../../support/firestore/harness.ts'
import { within } from '../../support/until.ts'
import { creations, firestoreSides, idsOf, SCOPE, watch } from './sides.ts'

/** The longest that the end may wait for a server that says nothing; its calls would wait for 60 s. Milliseconds. */
const END_MS = 10_000

let folder: string
let privateKey: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-firestore-'))
  privateKey = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey
})
afterAll(() => rmSync(folder, { recursive: true }))

function keyFile(name: string, content: string | object): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function serviceAccount(): Record<string, string> {
  return {
    type: 'service_account',
    project_id: 'a-project',
    client_email: 'sync@a-project.iam.gserviceaccount.com',
    private_key: privateKey,
  }
}

async function failureOf(options: {
  credentialsPath?: string
  emulatorHost?: string
  projectId?: string
}): Promise<AdapterError> {
  const adapter = createFirestoreAdapter({
    credentialsPath: null,
    emulatorHost: null,
    projectId: null,
    readKeyFile: readSettingsText,
    clock: nodeClock,
    ...options,
  })
  try {
    await adapter.heads(SCOPE.appId, SCOPE.ownerId, null)
  } catch (error) {
    if (error instanceof AdapterError) return error
    throw error
  } finally {
    await adapter.dispose()
  }
  throw new Error('it did not fail')
}

describe('credentials', () => {
  test.each([
    ['is not there', () => join(folder, 'none.json'), /does not exist/],
    ['is a folder', () => folder, /is a folder, not a regular file/],
    ['is no JSON', () => keyFile('text.json', `oops ${privateKey}`), /no JSON file/],
    ['is of another kind', () => keyFile('web.json', { type: 'authorized_user' }), /"authorized_user"/],
    ['is nothing of the kind', () => keyFile('list.json', [1]), /no service account key/],
    [
      'lacks a field',
      () => keyFile('short.json', { ...serviceAccount(), client_email: '' }),
      /lacks "client_email"/,
    ],
    [
      'has a damaged key',
      () => keyFile('damaged.json', { ...serviceAccount(), private_key: privateKey.slice(0, 300) }),
      /"private_key" is damaged/,
    ],
  ])(
    'R12 a key file that %s is an error that names the variable and shows nothing of it',
    async (_, path, said) => {
      const error = await failureOf({ credentialsPath: path() })
      expect(error).toMatchObject({ code: 'invalid', retryable: false })
      expect(error.message).toMatch(/^GOOGLE_APPLICATION_CREDENTIALS/)
      expect(error.message).toMatch(said)
      const all = inspect(error, { depth: 20, showHidden: true })
      for (const line of privateKey.split('\n').slice(1, 3)) expect(all).not.toContain(line)
    },
  )

  test.each(['8080', 'localhost', 'http://', 'localhost:port', 'https://firestore:443/x'])(
    'R12 the emulator host %j is refused with an example',
    async emulatorHost => {
      const error = await failureOf({ emulatorHost })
      expect(error).toMatchObject({ code: 'invalid' })
      expect(error.message).toMatch(/FIRESTORE_EMULATOR_HOST .*127\.0\.0\.1:8080/)
    },
  )

  test('R13 an emulator that does not run is offline', async () => {
    const error = await failureOf({ emulatorHost: '127.0.0.1:1', projectId: 'a-project' })
    expect(error).toMatchObject({ code: 'offline', retryable: true })
    expect(error.message).toContain('127.0.0.1:1')
  })
})

describe.skipIf(isGooglesEmulator)('a Firestore connection', () => {
  const sides = firestoreSides()

  test('a key file names the project of an emulator, and no key is sent there or shown', async () => {
    const credentialsPath = keyFile('good.json', { ...serviceAccount(), project_id: sides.project })
    await sides.there.commit(creations(1))
    const options = { credentialsPath, projectId: null, readKeyFile: readSettingsText, clock: nodeClock }
    const adapter = createFirestoreAdapter({ ...options, emulatorHost: sides.gate.host })
    expect(await idsOf(adapter)).toHaveLength(1)
    sides.standIn.faults.fail('RunQuery', {
      code: status.UNAUTHENTICATED,
      message: `invalid_grant: ${privateKey} Bearer ya29.secret-token private_key: "abc"`,
    })
    const error: unknown = await idsOf(adapter).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'denied', retryable: false })
    const all = inspect(error, { depth: 20, showHidden: true })
    for (const secret of [privateKey.split('\n')[1]!, 'secret-token', 'abc'])
      expect(all).not.toContain(secret)
    await adapter.dispose()
  })

  test('a corrected key file is read without a restart', async () => {
    const path = keyFile('late.json', '{')
    const options = {
      credentialsPath: path,
      projectId: null,
      readKeyFile: readSettingsText,
      clock: nodeClock,
    }
    const adapter = createFirestoreAdapter({ ...options, emulatorHost: sides.gate.host })
    await expect(idsOf(adapter)).rejects.toMatchObject({ code: 'invalid' })
    keyFile('late.json', serviceAccount())
    expect(await idsOf(adapter)).toEqual([])
    await adapter.dispose()
  })

  test('it says that a service account is an administrator', () => {
    expect(sides.here.caveats.join()).toMatch(/administrator/)
    expect(sides.hereStore.caveats).toEqual(sides.here.caveats)
  })

  describe('identity', () => {
    test('the first to ask makes it, for all that ask later', async () => {
      const said = await sides.here.identity()
      expect(await sides.here.identity()).toBe(said)
      expect(await sides.there.identity()).toBe(said)
      expect(sides.standIn.takeMeter()).toMatchObject({ writes: 1 })
      expect(said).toContain(sides.project)
    })

    test('R4 R8 two devices that begin at once call it by one name, before and after their first writes', async () => {
      const [here, there] = await Promise.all([sides.here.identity(), sides.there.identity()])
      expect(here).toBe(there)
      await Promise.all([sides.here.commit(creations(1)), sides.there.commit(creations(2))])
      expect(await sides.here.identity()).toBe(here)
      expect(await sides.there.identity()).toBe(here)
    })

    test('a preview names nothing', async () => {
      const { standIn, project } = sides
      const looking = createFirestoreAdapter({
        credentialsPath: null,
        readKeyFile: readSettingsText,
        emulatorHost: standIn.host,
        projectId: project,
        clock: nodeClock,
        isPreview: true,
      })
      expect(await looking.identity()).toContain('unnamed')
      expect(standIn.takeMeter()).toMatchObject({ writes: 0 })
      await looking.dispose()
    })

    test('R8 an emptied database, and one restored from an export, has another name', async () => {
      await sides.here.identity()
      await sides.here.commit(creations(1))
      const before = await sides.here.identity()
      const exported = await sides.standIn.takeAll(sides.project)
      const emptied = await sides.here.identity()
      expect(emptied).not.toBe(before)
      expect(await idsOf(sides.here)).toEqual([])
      await sides.standIn.takeAll(sides.project)
      await sides.standIn.restore(exported, { laterMs: 3_600_000 })
      const restored = await sides.here.identity()
      expect([before, emptied]).not.toContain(restored)
      expect(await sides.there.identity()).toBe(restored)
    })
  })

  describe('the end', () => {
    test('F26 it waits for no answer while the line passes nothing on', async () => {
      // The libraries are loaded now, and from here on no time passes for the calls and their limits.
      await idsOf(sides.there)
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
      onTestFinished(() => void vi.useRealTimers())
      await watch(sides.here)
      sides.gate.freeze()
      const calls = [idsOf(sides.here), sides.here.commit(creations(1)), sides.here.identity()]
      const ends = Promise.allSettled(calls)
      const disposing = Promise.all([sides.here.dispose(), sides.here.dispose()])
      await vi.advanceTimersByTimeAsync(END_MS)
      vi.useRealTimers()
      try {
        await within(disposing, 'the end of the connection')
        for (const end of await within(ends, 'the end of the calls')) {
          if (end.status === 'rejected')
            expect(end.reason).toMatchObject({ name: 'AdapterError', retryable: false })
        }
      } finally {
        await sides.gate.cut()
      }
    })

    test('a feed that is asked for afterwards ends with an error', async () => {
      await sides.here.dispose()
      const error = await new Promise(resolve => {
        sides.here.watchHeads(SCOPE.appId, SCOPE.ownerId, () => {}, resolve)
      })
      expect(error).toMatchObject({ name: 'AdapterError', code: 'offline', retryable: false })
    })

    test.each(['', 'cut'])('F26 a process with nothing else to do exits by itself %s', async line => {
      const adapter = new URL('../../../src/adapters/firestore/adapter.ts', import.meta.url)
      const clock = new URL('../../../src/platform/node-clock.ts', import.meta.url)
      const program = `
        import { createFirestoreAdapter } from ${JSON.stringify(adapter.href)}
        import { nodeClock } from ${JSON.stringify(clock.href)}
        const options = ${JSON.stringify({ credentialsPath: null, emulatorHost: sides.gate.host, projectId: sides.project })}
        const adapter = createFirestoreAdapter({ ...options, readKeyFile: () => null, clock: nodeClock })
        adapter.watchHeads('app', 'shared', () => {}, () => {})
        await adapter.heads('app', 'shared', null)
        console.log('live')
        if (${line === 'cut'}) {
          await new Promise(resolve => process.stdin.once('data', resolve))
          process.stdin.unref()
          adapter.commit([]).catch(() => {})
          adapter.identity().catch(() => {})
        }
        await adapter.dispose()
        console.log('disposed')
      `
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      const said: string[] = []
      const exit = new Promise<number | null>(resolve => {
        child.on('exit', resolve)
      })
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said.push(text)
        if (line === 'cut' && text.includes('live'))
          void sides.gate.cut().then(() => child.stdin.end('go on'))
      })
      expect(await within(exit, 'the process to end by itself', () => said.join(''))).toBe(0)
      expect(said.join('')).toBe('live\ndisposed\n')
      if (line === 'cut') await sides.gate.reopen()
    })
  })

  test('apps of one process do not know of each other', async () => {
    const elsewhere = openAdapter(sides.gate.host, `${sides.project}-other`)
    await sides.here.commit(creations(1))
    expect(await idsOf(elsewhere)).toEqual([])
    await elsewhere.dispose()
    expect(await idsOf(sides.here)).toHaveLength(1)
  })
})
