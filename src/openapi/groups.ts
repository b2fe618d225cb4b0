/** A pattern that serves several operations, and a name for its route. */
export interface Group {
  readonly name: string
  readonly pattern: string
}

/** Whether a path is a prefix of whole segments, or below it. */
export function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}

/** The pattern of a path as OpenAPI writes it; what a route cannot say, such as `{name}.json`, becomes the rest of the path. */
export function toPattern(path: string): string {
  const segments: string[] = []
  for (const segment of path.slice(1).split('/')) {
    const name = /^\{([^{}]*)\}$/.exec(segment)?.[1]
    if (name === undefined && /[{}]/.test(segment)) return `/${[...segments, '*'].join('/')}`
    const plain = name?.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_') ?? ''
    segments.push(name === undefined ? segment : `{${plain === '' ? 'value' : plain}}`)
  }
  return `/${segments.join('/')}`
}

/**
 * One pattern for all paths that begin with the same literal segments; the exact path where there is but one. Paths that no
 * route can have, or that begin with a parameter, are left to a pattern for everything.
 */
export function groupsOf(
  paths: readonly string[],
  isPattern: (pattern: string) => boolean,
): readonly Group[] {
  const byFirst = Map.groupBy(paths, (path) => firstOf(path))
  const groups = [...byFirst].map(([first, some]): Group => {
    if (first === '') return { name: 'root', pattern: rootPattern(some) }
    const [only = ''] = some
    const prefix = commonPrefix(some.map(literalsOf))
    const pattern =
      some.length === 1 && literal(only) && !only.endsWith('/')
        ? only
        : `/${[...prefix, '*'].join('/')}`
    return { name: nameOf(prefix), pattern: isPattern(pattern) ? pattern : '/*' }
  })
  return [...new Map(groups.map((group) => [group.pattern, group])).values()]
}

function literal(path: string): boolean {
  return !path.includes('{')
}

function firstOf(path: string): string {
  const [first = ''] = path.slice(1).split('/')
  return literal(first) ? first : ''
}

/** The root alone is served alone; a parameter can be anything. */
function rootPattern(paths: readonly string[]): string {
  return paths.every((path) => path === '/') ? '/' : '/*'
}

/** The literal segments that a path begins with, without what comes after the last slash of several. */
function literalsOf(path: string): readonly string[] {
  const segments = path.slice(1).split('/')
  const end = segments.findIndex((segment) => segment === '' || !literal(segment))
  return end === -1 ? segments : segments.slice(0, end)
}

function commonPrefix(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = lists
  const end = first.findIndex((segment, index) => others.some((each) => each[index] !== segment))
  return end === -1 ? first : first.slice(0, end)
}

function nameOf(segments: readonly string[]): string {
  const words =
    segments
      .join('-')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? []
  const name = words.join('-').slice(0, 56)
  return name === '' ? 'root' : name
}
