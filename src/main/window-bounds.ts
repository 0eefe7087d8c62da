/**
 * The window's place on the screen, kept across starts in `window.json` of LOCKSTEP_HOME. A place is used
 * again only where a display still shows enough of it to take hold of.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Bounds = z.object({
  /** Pixels independent of the display's density; null lets the system choose. */
  x: z.number().int().nullable(),
  y: z.number().int().nullable(),
  width: z.number().int(),
  height: z.number().int(),
  isMaximized: z.boolean(),
})
export type Bounds = z.infer<typeof Bounds>

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const SMALLEST = { width: 640, height: 480 } as const
const USUAL: Bounds = { x: null, y: null, width: 1_080, height: 720, isMaximized: false }

/** This much of its upper edge must be on a display, so that a person can drag it. */
const GRIP = { width: 120, height: 40 } as const

/** What to open with; `areas` are the displays' work areas. */
export function fitBounds(kept: Bounds | null, areas: readonly Area[]): Bounds {
  if (kept === null) return shrunk(USUAL, areas[0])
  const { x, y } = kept
  const area = x === null || y === null ? undefined : areas.find(each => hasGrip(each, x, y, kept.width))
  if (area === undefined) return shrunk({ ...kept, x: null, y: null }, areas[0])
  return shrunk(kept, area)
}

/** Null where there is none, or nothing that makes sense. */
export function readBounds(home: string): Bounds | null {
  try {
    return Bounds.parse(JSON.parse(readFileSync(file(home), 'utf8')))
  } catch {
    return null
  }
}

/** Losing it costs a person one drag: a failure is not told. */
export function writeBounds(home: string, bounds: Bounds): void {
  const temporary = `${file(home)}.new`
  try {
    writeFileSync(temporary, `${JSON.stringify(bounds)}\n`, { mode: 0o600 })
    renameSync(temporary, file(home))
  } catch {
    // A full disk, say.
  }
}

function hasGrip(area: Area, x: number, y: number, width: number): boolean {
  const shown = Math.min(x + width, area.x + area.width) - Math.max(x, area.x)
  return shown >= GRIP.width && y >= area.y && y + GRIP.height <= area.y + area.height
}

function shrunk(bounds: Bounds, area: Area | undefined): Bounds {
  const most = area ?? { width: USUAL.width, height: USUAL.height }
  return {
    ...bounds,
    width: Math.max(SMALLEST.width, Math.min(bounds.width, most.width)),
    height: Math.max(SMALLEST.height, Math.min(bounds.height, most.height)),
  }
}

function file(home: string): string {
  return join(home, 'window.json')
}
