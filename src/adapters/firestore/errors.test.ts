import { expect, test } from 'vitest'
import { AdapterError } from '../../engine/ports/adapter.ts'
import { GRPC, isLost, isPassing, type Place, statusError, toAdapterError, tokenError } from './errors.ts'

const PLACE: Place = { projectId: 'a-project', databaseId: '(default)', emulatorHost: null }

test.each([
  [GRPC.unavailable, 'no connection', 'offline', true, /cannot be reached/],
  [GRPC.deadlineExceeded, 'Deadline exceeded', 'offline', true, /tried again/],
  [GRPC.cancelled, 'Cancelled', 'offline', true, /tried again/],
  [GRPC.internal, 'Received RST_STREAM with code 2', 'offline', true, /connection .* broke/],
  [GRPC.internal, 'oops', 'unknown', true, /failed/],
  [GRPC.resourceExhausted, 'Quota exceeded.', 'quota', true, /quota.*billing/i],
  [GRPC.permissionDenied, 'Missing or insufficient permissions.', 'denied', false, /Cloud Datastore User/],
  [
    GRPC.permissionDenied,
    'Cloud Firestore API has not been used in project 1 before or it is disabled.',
    'denied',
    false,
    /Enable it/,
  ],
  [GRPC.unauthenticated, 'invalid_grant: Invalid JWT Signature.', 'denied', false, /new key/],
  [GRPC.unauthenticated, 'Invalid JWT: Check your iat and exp values', 'denied', false, /clock/],
  [GRPC.notFound, 'The database (default) does not exist', 'not-found', false, /Create it .*Native mode/],
  [GRPC.failedPrecondition, 'The query requires an index.', 'schema', false, /exemptions/],
  [GRPC.failedPrecondition, 'not available for Datastore Mode', 'schema', false, /Native mode/],
  [GRPC.failedPrecondition, 'the stored version does not match', 'conflict', true, /tried again/],
  [GRPC.aborted, 'Too much contention', 'conflict', true, /Others/],
  [
    GRPC.invalidArgument,
    'its size exceeds the maximum allowed size',
    'too-large',
    false,
    /too large for Firestore/,
  ],
  [GRPC.invalidArgument, 'Resource id is invalid', 'invalid', false, /does not take/],
  [GRPC.unimplemented, 'unknown method', 'schema', false, /Native mode/],
  [null, 'who knows', 'unknown', true, /who knows/],
] as const)('R12 the gRPC status %s "%s" is %s', (code, details, kind, retryable, said) => {
  const error = statusError(code, details, PLACE)
  expect(error).toMatchObject({ code: kind, retryable })
  expect(error.message).toMatch(said)
})

test('an AdapterError stays what it is', () => {
  const error = new AdapterError('invalid', 'as it was', { retryable: false })
  expect(toAdapterError(error, PLACE)).toBe(error)
})

test('of an error of the vendor only code and message are kept, without what is secret in them', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----'
  const details = `bad: ${key} Bearer abc.def ya29.a0Af eyJhbGci.eyJpc3Mi.c2ln "refresh_token": "1//0g"`
  const given = Object.assign(new Error(details), { code: 16, details, metadata: { token: 'hush' } })
  const error = toAdapterError(given, PLACE)
  const all = `${error.message} ${String(error.cause)} ${JSON.stringify(error.cause)}`
  for (const secret of ['MIIabc', 'abc.def', 'a0Af', 'eyJ', '1//0g', 'hush'])
    expect(all).not.toContain(secret)
  expect(error.cause).not.toBe(given)
})

test.each([
  [GRPC.alreadyExists, 'Document already exists', true],
  [GRPC.notFound, 'No document to update', true],
  [GRPC.notFound, 'The database (default) does not exist for project x', false],
  [GRPC.failedPrecondition, 'the stored version does not match the required base version', true],
  [GRPC.failedPrecondition, 'not available for Firestore in Datastore Mode', false],
  [GRPC.aborted, 'contention', false],
  [GRPC.unavailable, 'no connection', false],
] as const)(
  'F3 the status %s "%s" of a conditional write means that it has lost: %s',
  (code, message, isIt) => {
    expect(isLost(code, message)).toBe(isIt)
  },
)

test('R13 without the network there is no token either, and that is no refusal', () => {
  const failure = new Error('Error fetching access token', {
    cause: Object.assign(new Error('getaddrinfo EAI_AGAIN oauth2.googleapis.com'), { code: 'EAI_AGAIN' }),
  })
  expect(tokenError(failure).code).toBe(GRPC.unavailable)
  expect(tokenError(new Error('invalid_grant: Invalid JWT Signature.')).code).toBe(GRPC.unauthenticated)
})

test('a listener may be taken up again after what passes, and not after a refusal', () => {
  expect([null, GRPC.ok, GRPC.unavailable, GRPC.internal].map(isPassing)).toEqual([true, true, true, true])
  expect([GRPC.permissionDenied, GRPC.invalidArgument, GRPC.resourceExhausted].map(isPassing)).toEqual([
    false,
    false,
    false,
  ])
})
