import { useEffect, useState } from 'react'

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const shortClock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
})

/** `13:05:09` */
export function toTime(ms: number): string {
  return clock.format(ms)
}

/** `13:05` */
export function toShortTime(ms: number): string {
  return shortClock.format(ms)
}

/** `7 Dec, 13:05` */
export function toDate(ms: number): string {
  return day.format(ms)
}

/** How long something still takes, down to the second when that matters: `1:05`, `3 h 12 min`, `6 days 23 h`. */
export function toDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit))
  if (days === undefined || hours === undefined || minutes === undefined) return ''
  if (days > 0) return `${days} ${days === 1 ? 'day' : 'days'} ${hours % 24} h`
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`
}

/** The time in milliseconds, once a second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now())
    }, 1000)
    return () => {
      clearInterval(timer)
    }
  }, [])
  return now
}
