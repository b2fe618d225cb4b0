import { jsonSchema } from '../src/config/schema.ts'
import { code, generatedNote, table } from './markdown.ts'

/** What of a JSON Schema node the page shows. */
interface Node {
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly type?: string | readonly string[]
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly const?: string | number | boolean
  readonly items?: Node
  readonly anyOf?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Node | boolean
}

interface Row {
  readonly path: string
  readonly node: Node
  readonly isRequired: boolean
}

const noText = '—'

/** The text of docs/configuration.md, from the schema of the configuration file. */
export function configurationPage(): string {
  const root = jsonSchema() as Node
  const sections = Object.entries(root.properties ?? {})
  return [
    '# Configuration',
    generatedNote('src/config/schema.ts'),
    introduction,
    ...sections.flatMap(([name, node]) => [
      `## ${name}`,
      table(
        ['key', 'value', 'default', 'meaning'],
        rowsOf(name, node, root.required?.includes(name) === true).map(toCells),
      ),
    ]),
  ].join('\n\n')
}

/** The node itself, then what is inside it, whatever form of it has an inside. */
function rowsOf(path: string, node: Node, isRequired: boolean): readonly Row[] {
  return [{ path, node, isRequired }, ...insideOf(path, node)]
}

function insideOf(path: string, node: Node): readonly Row[] {
  const { properties = {}, required = [], additionalProperties, items, anyOf = [] } = node
  const named = Object.entries(properties).flatMap(([key, inner]) =>
    rowsOf(`${path}.${key}`, inner, required.includes(key)),
  )
  const keyed =
    typeof additionalProperties === 'object' ? insideOf(`${path}.<name>`, additionalProperties) : []
  const listed = items === undefined ? [] : insideOf(`${path}[]`, items)
  return [...named, ...keyed, ...listed, ...anyOf.flatMap((form) => insideOf(path, form))]
}

function toCells({ path, node, isRequired }: Row): readonly string[] {
  const examples = (node.examples ?? []).map(inline).join(', ')
  const meaning = [node.description ?? '', examples === '' ? '' : `Example: ${examples}`]
  return [
    `\`${path}\``,
    formsOf(node).join(' or '),
    isRequired ? '**required**' : defaultOf(node),
    meaning.filter((text) => text !== '').join(' '),
  ]
}

function defaultOf({ default: preset }: Node): string {
  const isEmpty =
    preset === undefined || (typeof preset === 'object' && JSON.stringify(preset) === '{}')
  return isEmpty ? noText : inline(preset)
}

/** The forms that a value may have, in the words of the YAML. */
function formsOf(node: Node): readonly string[] {
  if (node.enum !== undefined) {
    return node.enum.length > 10 ? ['a name'] : node.enum.map((word) => `\`${word}\``)
  }
  if (node.const !== undefined) return [`\`${String(node.const)}\``]
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.flatMap(formsOf))]
  // That any scalar may come from the environment is said once, at the top of the page.
  if (node.pattern === '\\$\\{') return []
  if (node.pattern?.includes('(ms|s|m|h|d)') === true) return ['duration']
  if (node.pattern?.includes('(B|KB|MB|GB)') === true) return ['size']
  if (node.pattern?.includes(')?%') === true) return ['percentage']
  const types = [node.type ?? []].flat()
  if (types.includes('array')) return [listOf(node.items ?? {})]
  return [...new Set(types.map((type) => typeNames[type] ?? type))]
}

function listOf(items: Node): string {
  const forms = formsOf(items)
  return `list of ${forms.length === 1 && forms[0] === 'mapping' ? 'mappings' : forms.join(', ')}`
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'mapping',
  boolean: '`true`, `false`',
  integer: 'number',
  null: '`null`',
}

function inline(value: unknown): string {
  return code(typeof value === 'string' ? value : toFlow(value))
}

/** A value in YAML's flow style; texts are quoted only where YAML would read them otherwise. */
function toFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toFlow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${key}: ${toFlow(inner)}`)
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
  }
  return typeof value === 'string' && /[{}[\],#]|: /.test(value) ? `'${value}'` : String(value)
}

const introduction = `The file is \`gateway.config.yaml\`, or what \`--config\` or \`$SALLYPORT_CONFIG\` names. Only \`upstreams\` and \`routes\` must be there, and the two
secrets in the environment. \`sallyport check\` says everything that is wrong with a file at once, with line and column; unknown keys are
errors. [\`config/gateway.schema.json\`](../config/gateway.schema.json) gives editors completion and hover, and
[\`config/examples\`](../config/examples) holds whole files.

- **Environment.** A value may hold \`\${NAME}\`, \`\${NAME:-default}\` or \`\${NAME:?message}\`. Variables come from the process, then from \`.env\` beside
  the file. \`NAME_FILE\` names a file that holds the value. Only values are replaced, never keys or structure, and a value that came from the
  environment is not looked at again.
- **Durations** are \`500ms\`, \`30s\`, \`10m\`, \`2h\`, \`7d\` or \`0\`; **sizes** are \`512B\`, \`256KB\`, \`1MB\`, \`1GB\` or \`0\`, a kilobyte being 1024 bytes;
  **percentages** are \`50%\`.
- **Paths** of files are relative to the folder of the configuration.
- **Routes.** The most specific path wins, whatever the order: a literal segment before \`{name}\` before \`*\`, segment by segment. \`/x/*\` also matches
  \`/x\` and \`/x/\`. Only then the method is looked at: a less specific route never serves what the chosen one does not list.
  \`auth.path\` and \`/_gateway\` are reserved. A route with \`match.host\` wins over a route with the same path and method without one.
- **Access.** Everything that \`auth\` of a route asks for must hold, and what is not known counts as missing: a token without a user has no verified
  address, a key has no organisation. A credential of a kind that \`accept\` does not list is a 401, never passed over for another: that goes for a session
  cookie too, which browsers send along. \`roles\` are the user's, of which Better Auth keeps several separated by commas; a foreign token has only those that
  \`bearer\` lets count. \`scopes\` are the token's or the key's (\`items:write\` is the action \`write\` on \`items\`); a session has none, and is refused unless
  \`accept\` names \`session\`, which says that sessions are not limited by scopes. \`fresh\` counts from the sign-in, whatever has extended the session since; a token
  without a session, and an administrator acting in somebody's name, never are. \`owner\` compares the decoded segment with the user's id character by character.
  \`organization\` looks at the session's active one, with the role that the user has there now. With \`optional\` only \`accept\` is possible: whoever lacks
  something else could leave the credential out. What is open ends when its session no longer has what its route asked for.
- **Tokens and keys.** What may stand in \`Authorization\` and \`x-api-key\`, and how secrets are changed without signing anybody out, is in [credentials.md](credentials.md).
- **Impersonation.** While an administrator acts in the name of a user (Better Auth's admin plugin), FastAPI gets \`X-Impersonated-By\` with the administrator's id, and the
  token has it in \`act.sub\` (RFC 8693).
- **Identity.** Which \`identity.token.profile\` and \`subject\` fit which FastAPI application is in [fastapi.md](fastapi.md).
- **Where a route leads.** Each has either an \`upstream\` or \`static\` files, never both. What a route says in \`timeout\` replaces what its upstream says,
  key by key.
- **Rate limits.** Every route with a \`rateLimit\` of its own counts for itself, in a bucket with its name. Routes that name the same \`bucket\` share one count
  and must say the same numbers; so do the routes that inherit \`defaults.rateLimit\`, in the bucket \`default\`.
- **Headers.** A route may set or remove any header but those of the connection, of forwarding, of identity, credentials, and what begins with
  \`X-Sallyport-\`.`
