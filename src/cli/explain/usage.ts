import { CommanderError } from 'commander'

/** Ends a command with a sentence about how it was used, and exit code 2. */
export function wrongUsage(message: string): never {
  console.error(`error: ${message}`)
  throw new CommanderError(2, 'sallyport.usage', message)
}
