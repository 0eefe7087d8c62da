/**
 * How a page and the daemon prove to each other who they are, over a WebSocket that anybody on this machine may
 * have opened or may listen for. Nothing that is secret crosses it.
 *
 *   daemon → page   { nonce }
 *   page → daemon   { id, nonce, proof }     by a pass that both know: its id, and an HMAC by its key
 *   daemon → page   { proof } or { refused }
 *
 * Both proofs cover both nonces and the address that the page was loaded from. The daemon checks it against its
 * own, so what a page says to another port is worth nothing here. What follows is sealed by keys of this one
 * handshake, so whoever only passes messages on neither reads nor changes any (AES-GCM, a counter as its nonce:
 * one that is left out, repeated or late does not open).
 *
 * By WebCrypto, which browsers and Node share; 127.0.0.1 and localhost are secure contexts.
 */

/** What lets somebody in: an id that may be known, and a key that is sent to nobody. */
export interface Pass {
  readonly id: string
  readonly key: string
}

export type Side = 'page' | 'daemon'

export interface Handshake {
  /** `location.host` of the page. */
  readonly host: string
  /** Of the pass. */
  readonly id: string
  readonly daemonNonce: string
  readonly pageNonce: string
}

/** The code of a WebSocket that is closed because this handshake, or a seal, has failed. */
export const HANDSHAKE_FAILED = 4401

const NONCE_BYTES = 32
const DIGEST = /^[0-9a-f]{64}$/
const ID = /^[\w.-]{1,128}$/
const encoder = new TextEncoder()

/** `CryptoKey`, which Node's types have as a value alone. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>

export function newNonce(): string {
  return hex(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)))
}

export async function proofOf(key: string, side: Side, handshake: Handshake): Promise<string> {
  return hex(new Uint8Array(await sign(key, `proof of the ${side}`, handshake)))
}

/** In a time that tells nothing of where they differ. */
export async function isProof(
  key: string,
  side: Side,
  handshake: Handshake,
  proof: unknown,
): Promise<boolean> {
  if (typeof proof !== 'string' || !DIGEST.test(proof)) return false
  const given = Uint8Array.from(proof.match(/../g) ?? [], byte => Number.parseInt(byte, 16))
  const text = textOf(`proof of the ${side}`, handshake)
  return crypto.subtle.verify('HMAC', await hmacKey(key, 'verify'), given, text)
}

/** Null for anything but a nonce in JSON. */
export function nonceOf(message: unknown): string | null {
  const nonce = fieldsOf(message)['nonce']
  return typeof nonce === 'string' && DIGEST.test(nonce) ? nonce : null
}

/** What a page offers; null for anything else. */
export function offerOf(message: unknown): { id: string; nonce: string; proof: unknown } | null {
  const { id, nonce, proof } = fieldsOf(message)
  const isWhole = typeof id === 'string' && ID.test(id) && typeof nonce === 'string' && DIGEST.test(nonce)
  return isWhole ? { id, nonce, proof } : null
}

export function fieldsOf(message: unknown): Readonly<Record<string, unknown>> {
  if (typeof message !== 'string') return {}
  try {
    const value: unknown = JSON.parse(message)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** One direction of a connection: what `side` says. Each message is sealed, and opened, once and in order. */
export class Seal {
  readonly #key: Key
  #count = 0n

  private constructor(key: Key) {
    this.#key = key
  }

  static async of(key: string, side: Side, handshake: Handshake): Promise<Seal> {
    const secret = await sign(key, `seal of the ${side}`, handshake)
    return new Seal(await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'decrypt']))
  }

  close(text: string): Promise<ArrayBuffer> {
    return crypto.subtle.encrypt(this.#next(), this.#key, encoder.encode(text))
  }

  /** Rejects for what the other side has not sealed, or not as its next message. */
  async open(sealed: ArrayBuffer): Promise<string> {
    return new TextDecoder().decode(await crypto.subtle.decrypt(this.#next(), this.#key, sealed))
  }

  #next(): { name: 'AES-GCM'; iv: Uint8Array<ArrayBuffer> } {
    const iv = new Uint8Array(12)
    new DataView(iv.buffer).setBigUint64(4, this.#count)
    this.#count += 1n
    return { name: 'AES-GCM', iv }
  }
}

async function sign(key: string, purpose: string, handshake: Handshake): Promise<ArrayBuffer> {
  return crypto.subtle.sign('HMAC', await hmacKey(key, 'sign'), textOf(purpose, handshake))
}

function hmacKey(key: string, use: 'sign' | 'verify'): Promise<Key> {
  return crypto.subtle.importKey('raw', encoder.encode(key), { name: 'HMAC', hash: 'SHA-256' }, false, [use])
}

/** No part of it can hold a line's end. */
function textOf(purpose: string, { host, id, daemonNonce, pageNonce }: Handshake): Uint8Array<ArrayBuffer> {
  return encoder.encode(['lockstep 1', purpose, host, id, daemonNonce, pageNonce].join('\n'))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
