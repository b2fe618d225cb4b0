import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditSchema } from '../src/ops/audit/schema.ts'
import { auditPage } from './audit-page.ts'
import { chartFiles } from './chart-page.ts'
import { configurationPage } from './configuration-page.ts'
import { errorsPage } from './errors-page.ts'

/** The pages that derive from the sources, by the path of the file relative to this folder. Each text ends with a newline. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    'errors.md': `${errorsPage()}\n`,
    'configuration.md': `${configurationPage()}\n`,
    'audit-log.md': `${auditPage()}\n`,
    '../config/audit.schema.json': `${JSON.stringify(auditSchema(), null, 2)}\n`,
    ...chartFiles(),
  }
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(generatedPages())) {
    writeFileSync(join(import.meta.dirname, file), text)
  }
}
