import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationPage } from './configuration-page.ts'
import { errorsPage } from './errors-page.ts'

/** The pages that derive from the sources, by the path of the file relative to this folder. Each text ends with a newline. */
export function generatedPages(): Readonly<Record<string, string>> {
  return { 'errors.md': `${errorsPage()}\n`, 'configuration.md': `${configurationPage()}\n` }
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(generatedPages())) {
    writeFileSync(join(import.meta.dirname, file), text)
  }
}
