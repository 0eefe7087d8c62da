/**
 * The emulator of `@firestore-emulator/server` on loopback, and calls to it.
 *
 * Its own `start` listens on every interface of the machine, so its gRPC server is bound here.
 */
import { createRequire } from 'node:module'
import {
  Client,
  credentials,
  type ChannelCredentials,
  type MethodDefinition,
  type ServerCredentials,
} from '@grpc/grpc-js'
import { FirestoreServer } from '@firestore-emulator/server'

/** The emulator's own copy of the gRPC library: its server takes no other's credentials. */
interface Grpc {
  readonly ServerCredentials: { createInsecure(): ServerCredentials }
}

/** What it keeps its documents with. */
interface Immer {
  setAutoFreeze(isOn: boolean): void
}

interface GrpcServer {
  bindAsync(
    address: string,
    credentials: ServerCredentials,
    done: (error: Error | null, port: number) => void,
  ): void
}

export interface Emulator {
  unary<Request, Response>(method: MethodDefinition<Request, Response>, request: Request): Promise<Response>
  collect<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
  ): Promise<Response[]>
  stop(): void
}

/** A record's content may be 1 MiB, and many come in one answer. */
const NO_LIMIT = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }

export async function startEmulator(): Promise<Emulator> {
  const firestore = new FirestoreServer()
  const requireOfEmulator = createRequire(import.meta.resolve('@firestore-emulator/server'))
  const { ServerCredentials } = requireOfEmulator('@grpc/grpc-js') as Grpc
  const { setAutoFreeze } = requireOfEmulator('immer') as Immer
  // It looks at all documents of a collection for each that is new.
  setAutoFreeze(false)
  const port = await bind(serverOf(firestore), ServerCredentials.createInsecure())
  const insecure: ChannelCredentials = credentials.createInsecure()
  const client = new Client(`127.0.0.1:${port}`, insecure, NO_LIMIT)
  return {
    unary: ({ path, requestSerialize, responseDeserialize }, request) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => {
          if (error === null && response !== undefined) resolve(response)
          else reject(error ?? new Error('the emulator gave no answer'))
        })
      }),
    collect: async <Request, Response>(
      { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
      request: Request,
    ) => {
      const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
      const responses: Response[] = []
      for await (const response of stream) responses.push(response as Response)
      return responses
    },
    stop() {
      client.close()
      firestore.stop()
    },
  }
}

function bind(server: GrpcServer, serverCredentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', serverCredentials, (error, port) => {
      if (error === null) resolve(port)
      else reject(error)
    })
  })
}

/** Private in its types only. */
function serverOf(firestore: object): GrpcServer {
  if ('server' in firestore) return firestore.server as GrpcServer
  throw new Error('the emulator has no gRPC server any more')
}
