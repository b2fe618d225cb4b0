/** What a log tells whoever follows it. */
export interface LogFollower {
  /** Lines in the order in which they were written, each once; first those that are kept. */
  readonly onLines: (lines: readonly string[]) => void
  /** Up: what others write arrives, within a second. Down: something may have been missed, and more may be. */
  readonly onState: (isUp: boolean) => void
}

/**
 * A list of lines that all gateways of one installation append to and follow. Lines are kept for as long as a bearer token may
 * live, so that whoever starts learns of them.
 */
export interface RevocationLog {
  /** Reads what is kept, and follows from there. Resolves when that is read, or when it turns out that it cannot be yet. */
  open(follower: LogFollower): Promise<void>
  /** Resolves when the line will reach everybody; rejects when that is not certain. Appending a line twice does no harm. */
  append(line: string): Promise<void>
  close(): Promise<void>
}

/** How often a log that is up shows it, milliseconds. */
export const beatMs = 250
/** After how long without that it is down, milliseconds. */
export const silenceMs = 750
