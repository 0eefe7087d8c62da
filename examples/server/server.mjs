/**
 * A server as agent-native apps have it, with file sync. All that has changed is the import:
 *
 *   import { createFileSync } from '@agent-native/core/adapters/sync'
 */
import { createFileSync } from 'lockstep/sync'
import { createServer } from 'node:http'

const syncResult = await createFileSync({ contentRoot: './data' })
if (syncResult.status === 'error') console.warn(`[app] File sync failed: ${syncResult.reason}`)

if (syncResult.status === 'ready') {
  syncResult.fileSync.syncEvents.on('sync', event => {
    if (event.type === 'conflict-needs-llm') console.log(`[app] an agent should look at ${event.path}`)
  })
}

const server = createServer((request, response) => {
  if (request.url === '/api/file-sync/status') {
    const status =
      syncResult.status === 'ready'
        ? { enabled: true, connected: true, conflicts: syncResult.fileSync.conflictCount }
        : { enabled: false, conflicts: 0 }
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(status))
  } else if (request.url === '/api/events' && syncResult.status === 'ready') {
    sendEvents(response, syncResult.sseEmitter)
  } else {
    response.writeHead(404).end()
  }
})

/** Server-sent events, until the client goes. */
function sendEvents(response, { emitter, event }) {
  const send = data => response.write(`data: ${JSON.stringify(data)}\n\n`)
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' })
  response.write(': connected\n\n')
  emitter.on(event, send)
  response.on('close', () => emitter.off(event, send))
}

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}, file sync is ${syncResult.status}`)
})

process.on('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  if (syncResult.status === 'ready') await syncResult.shutdown()
  process.exit(0)
})
