/** Reads an object by its schema key by key, so that one odd value takes no other along. */
import { z } from 'zod'

/** What is missing, or not allowed, is as in `defaults`; the latter's place in the file is added to `ignored`. */
export function readLeniently<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  raw: unknown,
  defaults: z.infer<z.ZodObject<Shape>>,
  at: string,
  ignored: string[],
): z.infer<z.ZodObject<Shape>> {
  if (raw === undefined) return defaults
  const record = z.record(z.string(), z.unknown()).safeParse(raw)
  if (!record.success) {
    ignored.push(at)
    return defaults
  }
  const entries = Object.entries(schema.shape).map(([key, field]) => {
    const value = record.data[key]
    const fallback = (defaults as Record<string, unknown>)[key]
    const place = `${at}.${key}`
    if (field instanceof z.ZodObject)
      return [key, readLeniently(field, value, fallback as Record<string, unknown>, place, ignored)]
    const read = z.safeParse(field, value)
    if (read.success) return [key, read.data]
    if (value !== undefined) ignored.push(place)
    return [key, fallback]
  })
  return Object.fromEntries(entries) as z.infer<z.ZodObject<Shape>>
}
