import { getPriority, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { deriveKey, type KeyInput } from '../hashes/recipe.ts'

// What runs on a thread of `threads.ts`: one key after another. Whatever is thrown here ends the thread, and only it.

// Lower than the event loop by so much that it waits no longer than without hashes, even on the same processor. With 19 it
// waits no less, and where there is no rest a hash would get a seventieth of the time instead of a tenth.
const below = 10
const lowest = 19

lowerPriority()
parentPort?.on('message', (input: KeyInput) => {
  parentPort?.postMessage(deriveKey(input))
})

function lowerPriority(): void {
  // On Linux this is the calling thread; elsewhere it would be the whole process.
  if (process.platform !== 'linux') return
  try {
    setPriority(Math.min(getPriority() + below, lowest))
  } catch {
    // Where a sandbox forbids it, hashes compete with the event loop as equals.
  }
}
