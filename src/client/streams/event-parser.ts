export interface ParsedEvent {
  readonly type: string
  readonly data: string
  readonly lastEventId: string
}

/** What a stream is resumed with. */
export interface Resume {
  lastEventId: string
  /** What the server asked for, milliseconds. */
  retryMs: number
}

/**
 * The format of event streams (HTML §9.2.6), piece by piece; one for each connection. Returns what takes a piece and answers with the events that
 * have become complete.
 * @param resume is written to
 */
export function createEventParser(resume: Resume): (piece: string) => readonly ParsedEvent[] {
  let rest = ''
  let data = ''
  let type = ''
  return (piece) => {
    const events: ParsedEvent[] = []
    // A carriage return at the end may be the first half of a line's end.
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      if (name === 'data') data += `\n${value}`
      if (name === 'event') type = value
      if (name === 'id' && !value.includes('\0')) resume.lastEventId = value
      if (name === 'retry' && /^\d+$/.test(value)) resume.retryMs = Number(value)
      if (line) continue
      const { lastEventId } = resume
      if (data) events.push({ type: type || 'message', data: data.slice(1), lastEventId })
      data = type = ''
    }
    return events
  }
}
