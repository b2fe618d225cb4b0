export interface ParsedEvent {
  readonly type: string
  readonly data: string
  readonly lastEventId: string
}

/** The format of event streams (HTML §9.2.6), piece by piece; one for each connection. */
export class EventParser {
  #rest = ''
  #data = ''
  #type = ''
  lastEventId: string
  /** What the server asked for, milliseconds. */
  retryMs = 0

  /** @param lastEventId of the connection before */
  constructor(lastEventId: string) {
    this.lastEventId = lastEventId
  }

  /** The events that have become complete with this piece. */
  read(piece: string): readonly ParsedEvent[] {
    const events: ParsedEvent[] = []
    // A carriage return at the end may be the first half of a line's end.
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line !== '') this.#field(line)
      else {
        const { lastEventId } = this
        if (this.#data !== '') {
          events.push({ type: this.#type || 'message', data: this.#data.slice(1), lastEventId })
        }
        this.#data = this.#type = ''
      }
    }
    return events
  }

  #field(line: string): void {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (name === 'data') this.#data += `\n${value}`
    if (name === 'event') this.#type = value
    if (name === 'id' && !value.includes('\0')) this.lastEventId = value
    if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value)
  }
}
