/** What a description of an API offers to look at without changing anything. Paths as the application has them. */
export interface Offered {
  /** GET without parameters that would have to be filled in, and with a token: the likeliest first. */
  readonly guarded: readonly string[]
  /** GET without parameters in its path, of any kind; for a redirect nobody's handler runs. */
  readonly plain: readonly string[]
}

// Origin-form without a query (RFC 9112 §3.2.1), nothing percent-encoded, no `//`.
const path = /^(?:\/[A-Za-z0-9\-._~!$&'()*+,=:@]+)+\/?$/
// A GET that is none: names of operations that may do something.
const acts =
  /log-?out|sign-?out|delete|remove|reset|confirm|verify|activate|unsubscribe|revoke|cancel|run|start|stop|send|callback/i
const most = 5

/**
 * Reads an OpenAPI description (3.x). Null where it is none. What was written by somebody else is looked at as it is: whatever has not the expected form is not there.
 */
export function readOffered(document: unknown): Offered | null {
  const { openapi, paths, security } = recordOf(document)
  if (typeof openapi !== 'string') return null
  const guarded: string[] = []
  const plain: string[] = []
  for (const [name, item] of Object.entries(recordOf(paths))) {
    const { get, parameters } = recordOf(item)
    if (!path.test(name) || get === undefined) continue
    plain.push(name)
    if (isGuarded(recordOf(get), security) && !needsMore(get, parameters) && !acts.test(name)) {
      guarded.push(name)
    }
  }
  return { guarded: guarded.toSorted(byLikelihood).slice(0, most), plain }
}

/** It says so, or it reads `Authorization` by itself, which FastAPI shows as a header parameter. */
function isGuarded(operation: Readonly<Record<string, unknown>>, everywhere: unknown): boolean {
  const wanted = listOf(operation['security'] ?? everywhere)
  const isOptional = wanted.some((each) => Object.keys(recordOf(each)).length === 0)
  if (wanted.length > 0) return !isOptional
  return listOf(operation['parameters']).some((each) => {
    const { name, in: place } = recordOf(each)
    return place === 'header' && typeof name === 'string' && /^authorization$/i.test(name)
  })
}

function needsMore(operation: unknown, shared: unknown): boolean {
  const parameters = [...listOf(recordOf(operation)['parameters']), ...listOf(shared)]
  return parameters.some((each) => {
    const { required, name, in: place } = recordOf(each)
    const isToken = place === 'header' && /^(?:authorization|x-user-id)$/i.test(String(name))
    return required === true && !isToken
  })
}

/** `/me` is the question who one is; of the others the shortest. */
function byLikelihood(a: string, b: string): number {
  const rank = (name: string): number => (/\/me\/?$/.test(name) ? 0 : name.split('/').length)
  return rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1)
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}
