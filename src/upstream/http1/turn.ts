/** Something that is done at the end of a turn. */
export interface Task {
  atEndOfTurn(): void
  /** It could not be done, which is a bug; whoever waits for it must not wait for ever. */
  giveUp(error: Error): void
}

/**
 * Collects what a turn of the event loop leaves to be written, and does it in order once every socket that was ready has been looked
 * at. Whoever reads on the other end is woken by a write, and waking costs more than writing: several writes in a row wake it once.
 */
export class Turn {
  #tasks: Task[] = []

  /** @param task done once for each time that it is added */
  add(task: Task): void {
    this.#tasks.push(task)
    if (this.#tasks.length === 1) setImmediate(this.#end)
  }

  readonly #end = (): void => {
    const tasks = this.#tasks
    this.#tasks = []
    for (const task of tasks) {
      // One that fails must not take those behind it along, nor the process.
      try {
        task.atEndOfTurn()
      } catch (error) {
        task.giveUp(error as Error)
      }
    }
  }
}
