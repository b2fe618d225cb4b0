import type { Method } from '../config/types.ts'

/** What FastAPI says about one of its endpoints. */
export interface Operation {
  readonly method: Method
  /** As in OpenAPI: `/items/{item_id}`. */
  readonly path: string
  /** It wants a credential of its own. */
  readonly isSecured: boolean
  readonly takes: readonly string[]
  readonly gives: readonly string[]
}

/** What of an OpenAPI document matters to a gateway. */
export interface ApiDocument {
  readonly title: string
  readonly operations: readonly Operation[]
  /** `root_path` of the application, as `servers` says it; empty: none. Without a slash at its end. */
  readonly rootPath: string
  /** Paths of `tokenUrl` in flows that take a password. */
  readonly tokenPaths: readonly string[]
}

const methods: Readonly<Record<string, Method>> = {
  get: 'GET',
  head: 'HEAD',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  options: 'OPTIONS',
}

/**
 * Reads the text of an OpenAPI 3 document as FastAPI writes it; null: it is none. References to path items elsewhere are not
 * followed, and nothing that is not needed is looked at.
 */
export function readOpenApi(text: string): ApiDocument | null {
  const document = toRecord(parseJson(text))
  const paths = toRecord(document?.['paths'])
  if (document === null || paths === null || typeof document['openapi'] !== 'string') return null
  const title = toRecord(document['info'])?.['title']
  return {
    title: typeof title === 'string' ? title : '',
    operations: Object.entries(paths).flatMap(([path, item]) =>
      readPath(path, item, document['security']),
    ),
    rootPath: readRootPath(document['servers']),
    tokenPaths: readTokenPaths(document['components']),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function readPath(path: string, item: unknown, preset: unknown): Operation[] {
  if (!path.startsWith('/')) return []
  return Object.entries(toRecord(item) ?? {}).flatMap(([name, value]) => {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    const operation = toRecord(value)
    return method === undefined || operation === null
      ? []
      : [readOperation(method, path, operation, preset)]
  })
}

function readOperation(
  method: Method,
  path: string,
  operation: Record<string, unknown>,
  preset: unknown,
): Operation {
  const body = toRecord(operation['requestBody'])
  const responses = Object.values(toRecord(operation['responses']) ?? {})
  return {
    method,
    path,
    isSecured: isSecured(operation['security'] ?? preset),
    takes: typesOf(body),
    gives: [...new Set(responses.flatMap((response) => typesOf(toRecord(response))))],
  }
}

/** An empty requirement in the list makes all of them optional. */
function isSecured(security: unknown): boolean {
  if (!Array.isArray(security) || security.length === 0) return false
  return security.every((each) => Object.keys(toRecord(each) ?? {}).length > 0)
}

function typesOf(holder: Record<string, unknown> | null): readonly string[] {
  return Object.keys(toRecord(holder?.['content']) ?? {}).map((type) => type.toLowerCase())
}

function readRootPath(servers: unknown): string {
  const [first] = Array.isArray(servers) ? (servers as unknown[]) : []
  const url = toRecord(first)?.['url']
  return typeof url === 'string' ? pathOf(url) : ''
}

function pathOf(url: string): string {
  const { pathname } = URL.canParse(url, 'http://server')
    ? new URL(url, 'http://server')
    : { pathname: '' }
  return pathname.replace(/\/+$/, '')
}

function readTokenPaths(components: unknown): readonly string[] {
  const schemes = toRecord(toRecord(components)?.['securitySchemes']) ?? {}
  return Object.values(schemes).flatMap((scheme) => {
    const flow = toRecord(toRecord(toRecord(scheme)?.['flows'])?.['password'])
    const url = flow?.['tokenUrl']
    return typeof url === 'string' && url !== '' ? [pathOf(url)] : []
  })
}

function toRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}
