/** A start that cannot happen, in one sentence for whoever started it. Its stack is of no use to them. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}
