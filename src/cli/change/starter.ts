import { isUnder, normalizePattern, parsePattern } from '../../config/values/path.ts'
import type { ApiDocument } from '../../openapi/read.ts'
import { writeStarter } from '../../openapi/starter.ts'
import { loadOpenApi } from './openapi.ts'

/**
 * A configuration for the FastAPI whose OpenAPI document this is: an http(s) URL, whose origin then is the upstream, or a file.
 *
 * Throws `StartupError` where it cannot be read.
 */
export async function starterOf(openapi: string): Promise<string> {
  return starterText(await loadOpenApi(openapi, null), openapi)
}

/** @param openapi where the document came from */
export function starterText(api: ApiDocument, openapi: string): string {
  const url = /^https?:\/\//i.test(openapi) ? new URL(openapi) : null
  return writeStarter(api, {
    upstream: url?.origin ?? 'http://127.0.0.1:8000',
    documentPath: url?.pathname ?? null,
    isPattern: (pattern) =>
      'value' in parsePattern(pattern) && !isUnder(normalizePattern(pattern), '/_gateway'),
  })
}
