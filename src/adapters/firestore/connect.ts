/**
 * Opens the way to a Firestore database: Google's own RPC client, with the credentials of a firebase-admin app,
 * or without any for an emulator. Both libraries are loaded here, at the first call, and nowhere else.
 *
 * Rejects with `AdapterError` 'invalid', which names the variable to correct.
 */
import { randomUUID } from 'node:crypto'
import type firestore from '@google-cloud/firestore'
import type { CallProperties, ChannelCredentials, credentials as grpcCredentials } from '@grpc/grpc-js'
import type { Credential } from 'firebase-admin/app'
import { AdapterError } from '../../engine/ports/adapter.ts'
import { type ReadKeyFile, readServiceAccount } from './credentials.ts'
import { type Place, tokenError } from './errors.ts'

export interface FirestoreOptions {
  /** The service account's key file; null for the credentials of the machine it runs on. */
  readonly credentialsPath: string | null
  readonly readKeyFile: ReadKeyFile
  /** `host:port`; null for Google's own service. */
  readonly emulatorHost: string | null
  /** Null for the service account's. */
  readonly projectId: string | null
}

type RpcModule = Pick<
  // oxlint-disable-next-line typescript/no-deprecated -- Deprecated for a package of its own, which this one loads.
  typeof firestore.v1,
  'FirestoreClient'
>

type MetadataGenerator = Parameters<typeof grpcCredentials.createFromMetadataGenerator>[0]

export type Rpc = InstanceType<RpcModule['FirestoreClient']>

export interface Connection {
  readonly rpc: Rpc
  readonly place: Place
  /** `projects/…/databases/…` */
  readonly database: string
  close(): Promise<void>
}

/** Is told each call before it is sent. */
export type OnCall = (call: CallProperties<unknown, unknown>['call']) => void

interface Access {
  readonly projectId: string
  readonly address: {
    readonly servicePath?: string
    readonly port?: number
    readonly sslCreds: ChannelCredentials
  }
  close(): Promise<void>
}

export const DATABASE_ID = '(default)'
/** The Firebase emulators' own name for "no project". */
const EMULATOR_PROJECT = 'demo-no-project'

/** After an outage the line is tried again at least so often; gRPC's own is two minutes. Milliseconds. */
const LONGEST_RECONNECT_MS = 10_000
/**
 * A dead line is noticed so soon, in milliseconds, while calls are open; the period is that of Google's own
 * clients for phones (firebase-ios-sdk, Firestore/core/src/remote/grpc_connection.cc).
 */
const KEEPALIVE_MS = 30_000
const KEEPALIVE_TIMEOUT_MS = 10_000
/** How long the end waits for what is under way. Milliseconds. */
const CLOSE_LIMIT_MS = 2_000

export async function connect(options: FirestoreOptions, onCall: OnCall): Promise<Connection> {
  const { emulatorHost } = options
  const access =
    emulatorHost === null ? await googleAccess(options) : await emulatorAccess(emulatorHost, options)
  const { projectId, address } = access
  const { default: sdk } = await import('@google-cloud/firestore')
  // oxlint-disable-next-line typescript/no-deprecated -- As above.
  const { FirestoreClient: RpcClient }: RpcModule = sdk.v1
  const rpc = new RpcClient({
    ...address,
    projectId,
    // Otherwise credentials are looked for all over the machine, only to learn this.
    clientOptions: { universeDomain: 'googleapis.com' },
    'grpc.callInvocationTransformer': <Properties extends CallProperties<unknown, unknown>>(
      properties: Properties,
    ) => {
      onCall(properties.call)
      return properties
    },
    'grpc.max_reconnect_backoff_ms': LONGEST_RECONNECT_MS,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    // Closing the client then closes its connections; they are not shared with other clients.
    'grpc.use_local_subchannel_pool': 1,
  })
  return {
    rpc,
    place: { projectId, databaseId: DATABASE_ID, emulatorHost },
    database: `projects/${projectId}/databases/${DATABASE_ID}`,
    async close() {
      await Promise.race([rpc.close(), timeLimit(CLOSE_LIMIT_MS)])
      await access.close()
    },
  }
}

async function googleAccess({
  credentialsPath,
  readKeyFile,
  projectId: given,
}: FirestoreOptions): Promise<Access> {
  const account = credentialsPath === null ? null : readServiceAccount(credentialsPath, readKeyFile)
  const projectId = given ?? account?.projectId
  if (projectId === undefined)
    throw invalid('Firestore needs the name of the project. Set GOOGLE_CLOUD_PROJECT to it.')
  const { applicationDefault, cert, deleteApp, initializeApp } = await import('firebase-admin/app')
  const credential = account === null ? applicationDefault() : cert({ ...account })
  const app = initializeApp({ credential, projectId }, `lockstep-${randomUUID()}`)
  const address = { sslCreds: await channelCredentials(credential) }
  return { projectId, address, close: () => deleteApp(app) }
}

async function channelCredentials(credential: Credential): Promise<ChannelCredentials> {
  const { credentials, Metadata } = await import('@grpc/grpc-js')
  const sign = async (done: Parameters<MetadataGenerator>[1]): Promise<void> => {
    try {
      const { access_token: token } = await credential.getAccessToken()
      const metadata = new Metadata()
      metadata.set('authorization', `Bearer ${token}`)
      done(null, metadata)
    } catch (error) {
      done(tokenError(error))
    }
  }
  const perCall = credentials.createFromMetadataGenerator((_, done) => void sign(done))
  return credentials.combineChannelCredentials(credentials.createSsl(), perCall)
}

/** No credentials go to an emulator; their file may still name the project. */
async function emulatorAccess(
  emulatorHost: string,
  { credentialsPath, readKeyFile, projectId: given }: FirestoreOptions,
): Promise<Access> {
  const address = parseHost(emulatorHost)
  const account =
    credentialsPath === null || given !== null ? null : readServiceAccount(credentialsPath, readKeyFile)
  const { credentials } = await import('@grpc/grpc-js')
  return {
    projectId: given ?? account?.projectId ?? EMULATOR_PROJECT,
    address: { ...address, sslCreds: credentials.createInsecure() },
    close: async () => {},
  }
}

function parseHost(emulatorHost: string): { readonly servicePath: string; readonly port: number } {
  const pattern = /^(?:http:\/\/)?(?<host>\[[\da-f:]+\]|[^\s:/]+):(?<port>\d{1,5})\/?$/i
  const { host, port } = pattern.exec(emulatorHost)?.groups ?? {}
  if (host !== undefined && port !== undefined) return { servicePath: host, port: Number(port) }
  throw invalid(
    `FIRESTORE_EMULATOR_HOST is "${emulatorHost}", but must be a host and a port, such as 127.0.0.1:8080.`,
  )
}

function timeLimit(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms).unref()
  })
}

function invalid(message: string): AdapterError {
  return new AdapterError('invalid', message, { retryable: false })
}
