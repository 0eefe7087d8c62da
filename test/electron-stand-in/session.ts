/** What pages may ask for: files of the app's own scheme, permissions, downloads, and nothing from any network. */
import type { CustomScheme } from 'electron'
import type { CdpConnection } from './cdp.ts'
import { desktop } from './desktop.ts'
import { fault, GuardedEmitter, GuardedObject, guard, inner, onlyKnown, preventable } from './guarded.ts'
import type { PageAnswer, PageRequest } from './page.ts'
import { isReady, mustBeReady } from './ready.ts'

type Handler = (request: Request) => Response | Promise<Response>
type RequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0]
type CheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0]
type DeviceHandler = Parameters<Electron.Session['setDevicePermissionHandler']>[0]
type DisplayHandler = Parameters<Electron.Session['setDisplayMediaRequestHandler']>[0]
type BeforeRequest = Parameters<Electron.WebRequest['onBeforeRequest']>[0]

const PRIVILEGES = [
  'standard',
  'secure',
  'supportFetchAPI',
  'codeCache',
] as const satisfies readonly (keyof NonNullable<CustomScheme['privileges']>)[]

const schemes = new Map<string, NonNullable<CustomScheme['privileges']>>()
let areRegistered = false

class Protocol extends GuardedObject {
  readonly #handlers = new Map<string, Handler>()

  constructor() {
    super('protocol')
  }

  /** Once, and before the app is ready. */
  registerSchemesAsPrivileged(customSchemes: CustomScheme[]): void {
    if (isReady())
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    if (areRegistered) throw fault('schemes are registered twice, and the second call takes back the first')
    areRegistered = true
    for (const { scheme, privileges = {} } of customSchemes) {
      onlyKnown(`the scheme ${scheme}`, privileges, PRIVILEGES)
      schemes.set(scheme, privileges)
    }
  }

  handle(scheme: string, handler: Handler): void {
    mustBeReady('protocol.handle can only be called after app is ready')
    if (this.#handlers.has(scheme)) throw new Error('The scheme has been intercepted')
    const { standard, secure } = schemes.get(scheme) ?? {}
    if (standard !== true || secure !== true)
      throw fault(`pages of ${scheme}: would have no origin: register it as standard and secure first`)
    this.#handlers.set(scheme, handler)
  }

  isProtocolHandled(scheme: string): boolean {
    return this.#handlers.has(scheme)
  }

  /** Null for a scheme that nobody handles. */
  async [inner](request: PageRequest): Promise<PageAnswer | null> {
    const scheme = request.url.slice(0, request.url.indexOf(':'))
    const handler = this.#handlers.get(scheme)
    if (handler === undefined) return null
    const isFetch = request.resourceType === 'Fetch' || request.resourceType === 'XHR'
    if (isFetch && schemes.get(scheme)?.supportFetchAPI !== true) return { failed: 'Failed' }
    try {
      const { url, method, headers, body } = request
      const response = await handler(new Request(url, { method, headers, body }))
      if (!(response instanceof Response))
        throw fault(`the handler of ${scheme}: gives no Response for ${url}`)
      return await answerOf(response)
    } catch (error) {
      process.stderr.write(`the handler of ${scheme}: failed: ${String(error)}\n`)
      return { failed: 'Failed' }
    }
  }
}

async function answerOf(response: Response): Promise<PageAnswer> {
  const { status, headers } = response
  if (status === 0) return { failed: 'Failed' }
  if (status >= 300 && status < 400) throw fault('the stand-in follows no redirects')
  return { status, headers: [...headers], body: Buffer.from(await response.arrayBuffer()) }
}

class WebRequest extends GuardedObject {
  #listener: BeforeRequest = null

  constructor() {
    super('webRequest')
  }

  onBeforeRequest(listener: BeforeRequest): void {
    if (listener !== null && typeof listener !== 'function')
      throw fault('the stand-in has webRequest.onBeforeRequest without a filter only')
    this.#listener = listener
  }

  [inner]({ url, method, resourceType, isMainFrame }: PageRequest): Promise<{ readonly cancel: boolean }> {
    const listener = this.#listener
    if (listener === null) return Promise.resolve({ cancel: false })
    const fields = { id: 0, url, method, referrer: '', timestamp: Date.now(), uploadData: [] }
    const kind = isMainFrame ? 'mainFrame' : kindOf(resourceType)
    const details = guard('request details', {
      ...fields,
      resourceType: kind,
    }) as Electron.OnBeforeRequestListenerDetails
    return new Promise(resolve => {
      listener(details, ({ cancel = false, redirectURL }) => {
        if (redirectURL !== undefined) throw fault('the stand-in redirects no requests')
        resolve({ cancel })
      })
    })
  }
}

function kindOf(resourceType: string): string {
  const kinds: Readonly<Record<string, string>> = { Document: 'subFrame', Fetch: 'xhr', XHR: 'xhr' }
  return kinds[resourceType] ?? resourceType.toLowerCase()
}

/** What Chromium calls a permission, and Electron. */
const PERMISSIONS = [
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['camera', 'media'],
  ['microphone', 'media'],
  ['midi', 'midi'],
  ['clipboard-read', 'clipboard-read'],
  ['clipboard-write', 'clipboard-sanitized-write'],
  ['idle-detection', 'idle-detection'],
  ['persistent-storage', 'persistent-storage'],
] as const

class Session extends GuardedEmitter {
  readonly webRequest: WebRequest = new WebRequest()
  #onRequest: RequestHandler = null
  #onCheck: CheckHandler = null
  #imposed: Promise<void> | null = null

  constructor() {
    super('session', ['will-download'])
  }

  get protocol(): Protocol {
    return protocol
  }

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#mustComeFirst()
    this.#onRequest = handler
  }

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#mustComeFirst()
    this.#onCheck = handler
  }

  /** Of HID, serial and USB devices, of which there are none here. */
  setDevicePermissionHandler(handler: DeviceHandler): void {
    if (
      handler?.({
        deviceType: 'usb',
        origin: '',
        device: {},
      } as Electron.DevicePermissionHandlerHandlerDetails) === true
    )
      throw fault('pages may use any device')
  }

  setDisplayMediaRequestHandler(
    handler: DisplayHandler,
    opts?: Electron.DisplayMediaRequestHandlerOpts,
  ): void {
    if (opts !== undefined) throw fault('the stand-in has no picker of screens')
    const request = guard('request', {
      frame: null,
      videoRequested: true,
      audioRequested: false,
      userGesture: true,
    })
    handler?.(request as Electron.DisplayMediaRequestHandlerHandlerRequest, streams => {
      if (streams?.video !== undefined || streams?.audio !== undefined)
        throw fault('pages may see the screen')
    })
  }

  /** As a desktop without a proxy answers. */
  resolveProxy(url: string): Promise<string> {
    if (!URL.canParse(url)) throw new TypeError('Invalid URL')
    return Promise.resolve('DIRECT')
  }

  setSpellCheckerEnabled(enable: boolean): void {
    if (enable) throw fault('the stand-in checks no spelling')
  }

  get [inner]() {
    return {
      answer: (request: PageRequest) => this.#answer(request),
      /** Each permission is asked of the app once, and Chromium holds to the answer from then on. */
      impose: (connection: CdpConnection, origin: string) =>
        (this.#imposed ??= this.#imposePermissions(connection, origin)),
      download: (url: string): boolean => {
        const event = preventable('Event', {})
        this.emit('will-download', event, guard('DownloadItem', { getURL: () => url }))
        return !event.defaultPrevented
      },
    }
  }

  async #answer(request: PageRequest): Promise<PageAnswer> {
    const { cancel } = await this.webRequest[inner](request)
    if (cancel) {
      desktop.refusals.push({ what: 'request', url: request.url })
      return { failed: 'BlockedByClient' }
    }
    const answer = await protocol[inner](request)
    if (answer !== null) return answer
    desktop.networkRequests.push(request.url)
    return { failed: 'InternetDisconnected' }
  }

  async #imposePermissions(connection: CdpConnection, origin: string): Promise<void> {
    for (const [name, permission] of PERMISSIONS) {
      const setting = this.#isGranted(permission, origin) ? 'granted' : 'denied'
      await connection.send('Browser.setPermission', { permission: { name }, setting })
    }
  }

  /** Without handlers Electron grants everything. */
  #isGranted(permission: (typeof PERMISSIONS)[number][1], requestingUrl: string): boolean {
    const details = { isMainFrame: true, requestingUrl }
    const isChecked = this.#onCheck?.(null, permission, requestingUrl, details) ?? true
    let isGranted = this.#onRequest === null
    const asker = guard('webContents (of a permission)', {}) as Electron.WebContents
    this.#onRequest?.(asker, permission, answer => (isGranted = answer), details)
    return isChecked && isGranted
  }

  #mustComeFirst(): void {
    if (this.#imposed !== null) throw fault('permissions are decided after a page has been opened')
  }
}

export const protocol = new Protocol()
const defaultSession = new Session()

export const session = guard('session', {
  get defaultSession(): Session {
    mustBeReady('Session can only be received when app is ready')
    return defaultSession
  },
})
