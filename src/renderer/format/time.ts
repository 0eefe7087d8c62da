/** Moments in words. All in the language and time zone of the browser's user, with English sentences around them. */

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})
const dayYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })

/** “just now”, “4 min ago”, “yesterday”, “12 Mar, 14:05”; in the future “in 4 min”. */
export function ago(time: number, now: number): string {
  const age = now - time
  const distance = Math.abs(age)
  if (distance < 10 * SECOND_MS) return age < 0 ? 'in a moment' : 'just now'
  const words = distanceWords(distance)
  if (words !== null) return age < 0 ? `in ${words}` : `${words} ago`
  return distance < 300 * DAY_MS ? dayAndTime.format(time) : dayYear.format(time)
}

/** Of something that has happened: the page's time, which ticks slowly, may be a little behind it. */
export function since(time: number, now: number): string {
  return ago(time, time > now && time - now < 10 * SECOND_MS ? time : now)
}

function distanceWords(distance: number): string | null {
  if (distance < MINUTE_MS) return `${Math.floor(distance / SECOND_MS)} s`
  if (distance < HOUR_MS) return `${Math.floor(distance / MINUTE_MS)} min`
  if (distance < DAY_MS) return `${Math.floor(distance / HOUR_MS)} h`
  if (distance < 2 * DAY_MS) return '1 day'
  if (distance < 7 * DAY_MS) return `${Math.floor(distance / DAY_MS)} days`
  return null
}

/** With the second: what a tooltip shows. */
export function exactly(time: number): string {
  return whole.format(time)
}

export function clockTime(time: number): string {
  return clock.format(time)
}

/** A heading above the entries of one day. */
export function dayHeading(time: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(time)) / DAY_MS)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  return weekday.format(time)
}

function startOfDay(time: number): number {
  const date = new Date(time)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
