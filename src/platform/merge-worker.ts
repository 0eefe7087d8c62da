/** The thread of merge-thread.ts: one request after the other. */
import { parentPort } from 'node:worker_threads'
import { mergeFile, resolveFile } from '../engine/core/merge.ts'
import type { MergeAnswer, MergeRequest } from './merge-thread.ts'

parentPort!.on('message', ({ id, file, choices }: MergeRequest) => {
  const result = choices === null ? mergeFile(file) : resolveFile(file, choices)
  parentPort!.postMessage({ id, result } satisfies MergeAnswer)
})
