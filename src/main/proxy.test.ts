import { expect, test } from 'vitest'
import { namesProxy, proxyVariables } from './proxy.ts'

const LOOPBACK = 'localhost,127.0.0.1,::1'
const through = (address: string) => ({ https_proxy: address, http_proxy: address, no_proxy: LOOPBACK })

test.each([
  ['PROXY proxy.example:8080', through('http://proxy.example:8080')],
  ['PROXY proxy.example:8080; DIRECT', through('http://proxy.example:8080')],
  ['HTTPS proxy.example:443', through('https://proxy.example:443')],
  ['PROXY [::1]:8080', through('http://[::1]:8080')],
  ['DIRECT', {}],
  ['DIRECT; PROXY proxy.example:8080', {}],
  // Node speaks none of these.
  ['SOCKS5 proxy.example:1080', {}],
  ['QUIC proxy.example:443', {}],
  ['', {}],
])('the system says %s', (answer, variables) => {
  expect(proxyVariables(answer, {})).toEqual(variables)
})

test('exceptions of the environment stay', () => {
  const { no_proxy: exceptions } = proxyVariables('PROXY proxy.example:1', { NO_PROXY: '.intern' })
  expect(exceptions).toBe(`.intern,${LOOPBACK}`)
})

test('what the environment names counts instead', () => {
  expect(namesProxy({})).toBe(false)
  expect(namesProxy({ HTTPS_PROXY: '' })).toBe(false)
  expect(namesProxy({ HTTPS_PROXY: 'http://proxy.example:1' })).toBe(true)
  expect(namesProxy({ http_proxy: 'http://proxy.example:1' })).toBe(true)
})
