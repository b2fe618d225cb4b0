/** Something that is done at the end of a turn. */
export interface Task {
  atEndOfTurn(): void
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
    for (const task of tasks) task.atEndOfTurn()
  }
}
