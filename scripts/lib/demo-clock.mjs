/**
 * Given to a demo's processes with `--import`: a device's name and a clock of its own, so that pictures made
 * in a minute can show a day's work, with the same names on every machine.
 *
 * DEMO_DEVICE is the name. DEMO_CLOCK is a file with the milliseconds to be added to the real time; SIGUSR2
 * has it read again.
 */
import { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'

const { DEMO_DEVICE: device, DEMO_CLOCK: file = '' } = process.env
const RealDate = Date
let shift = read()

process.on('SIGUSR2', () => (shift = read()))

if (device !== undefined) {
  os.hostname = () => device
  syncBuiltinESMExports()
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + shift] : args, newTarget),
  apply: () => new Date().toString(),
  get: (target, name) => (name === 'now' ? () => RealDate.now() + shift : Reflect.get(target, name, target)),
})

function read() {
  return file === '' ? 0 : Number(readFileSync(file, 'utf8'))
}
