import { auditVersion, common, details, events } from '../src/ops/audit/table.ts'
import { actors, methods, reasons, ways } from '../src/ops/audit/words.ts'
import { generatedNote, table } from './markdown.ts'

/** The text of docs/audit-log.md, from the table of events. */
export function auditPage(): string {
  const words = (from: Readonly<Record<string, string>>): string =>
    table(
      ['word', 'meaning'],
      Object.entries(from).map(([word, what]) => [`\`${word}\``, what]),
    )
  return [
    '# Audit log',
    generatedNote('src/ops/audit/{table,words}.ts and docs/audit-page.ts'),
    introduction,
    '## Events',
    table(
      ['event', 'outcome', 'meaning', 'fields besides the common ones'],
      Object.entries(events).map(([name, { what, outcomes, details: own }]) => [
        `\`${name}\``,
        outcomes.join(', '),
        what,
        own.map((field) => `\`${field}\``).join(' '),
      ]),
    ),
    '## Fields',
    `Every field of its kind is in every line, as null where there is nothing. Texts from outside are cut, and characters that a terminal could obey (control, format and line separator characters) are replaced by U+FFFD.`,
    table(
      ['field', 'meaning'],
      [...Object.entries(always), ...fieldsOf(common), ...fieldsOf(details)].map(([name, what]) => [
        `\`${name}\``,
        what,
      ]),
    ),
    '### actor',
    words(actors),
    '### via',
    words(ways),
    '### method',
    words(methods),
    '### reason',
    words(reasons),
    rest,
  ].join('\n\n')
}

const always = {
  log: 'Always `audit`.',
  version: `Of this schema: ${auditVersion}. Events and fields may be added to a version; none is renamed, removed or given another meaning.`,
  id: 'Of the line: a UUID.',
  at: 'When, in UTC, with milliseconds.',
  host: 'Name of the machine or container.',
  event: 'What; see above.',
  outcome: '`success` or `failure`.',
}

function fieldsOf(
  fields: Readonly<Record<string, { readonly what: string; readonly max?: number }>>,
): [string, string][] {
  return Object.entries(fields).map(([name, { what, max }]) => [
    name,
    max === undefined ? what : `${what} At most ${max} characters.`,
  ])
}

const introduction = `Who signed in, who failed to, who was banned and by whom, what was revoked: one JSON line for each, apart from the access log. It is on from the start.

\`\`\`yaml
audit: stdout # the default: lines with "log":"audit" among those of the process, whatever LOG_LEVEL says
# audit: { file: ./data/audit.jsonl }
# audit: none
\`\`\`

\`\`\`json
{"log":"audit","version":1,"id":"0ca38594-39ec-4b2f-a161-ab6b4f030467","at":"2026-11-30T21:10:17.643Z","host":"gateway-1","event":"sign_in","outcome":"failure","actor":"unknown","via":"request","actorId":null,"userId":null,"sessionId":null,"requestId":"6123fa38-092a-4bac-a7a7-66750ee4342a","address":"203.0.113.9","userAgent":"Mozilla/5.0 (X11; Linux x86_64)","method":"password","provider":null,"factor":null,"endpoint":null,"email":"ada@example.com","reason":"credentials_wrong"}
\`\`\`

[config/audit.schema.json](../config/audit.schema.json) is the same as a JSON Schema (draft-07), and a test holds each event against it. A change of \`audit\` needs a restart.

- **Each thing once**, by the gateway on which it happened. Gateways that merely hear of a revocation say nothing; \`sallyport revoke\` says itself what it has done. What was done by an endpoint of a plugin of yours is said too, as \`sign_in\` with method \`other\`, \`session.revoked\` and so on: writes are seen wherever they come from.
- **Nobody waits for it.** Lines are written after the event. A line that \`audit.file\` does not take is not lost: it goes to the log of the process as an error, and \`sallyport_audit_lost_total\` counts it. \`sallyport_audit_events_total{event,outcome}\` counts all events, also with \`audit: none\`. Only a process that is killed may lose the lines of its last moment.
- **No secret is in it**: no password, token, cookie, code, link or key; sessions and API keys are named by their ids.

## The file

It is made with mode 0600 (and set to that), and only appended to, also by commands and by several gateways at once. After a rotation SIGHUP opens a new one:

\`\`\`text
/srv/sallyport/data/audit.jsonl {
  weekly
  rotate 52
  postrotate
    systemctl reload sallyport
  endscript
}
\`\`\`

A command such as \`sallyport revoke\` appends to the same file; with \`stdout\` its lines go to its standard error, so that what it prints stays as it is. Whoever may write the file may change it: send it elsewhere (syslog, Loki, an object store with a lock) if that matters.
A line that a full disk has torn ends without \`}\`; the next one begins on a line of its own, and the torn event is in the log of the process, whole.`

const rest = `## Personal data

The log holds user ids, addresses of clients, user agents, and e-mail addresses in \`email\`: those of failed attempts, of asked resets and of new addresses. An attack on an account could not be seen without them, because a failure says neither whether there is such an account nor whose it is.
People also type passwords where the address belongs: what does not look like an address (ASCII, one \`@\`, a domain with a dot, at most 254 characters) is left out. A password that looks like one is taken for one. User names and phone numbers are never said. Keep the log as long as you must, and no longer; deleting a user does not change it.

## Reading it

\`\`\`sh
# failed sign-ins of the last file, by address
jq -r 'select(.event == "sign_in" and .outcome == "failure") | .address' data/audit.jsonl | sort | uniq -c | sort -rn | head
# everything that was done to one user
jq -c 'select(.userId == "6ee12154-04f0-411f-8e47-2d9f739a3625")' data/audit.jsonl
\`\`\`

## What is not in it

- Requests that the gateway itself refuses: bad bearer tokens and API keys, missing roles. They are in the access log, with their code.
- Sessions that run out, sessions that are extended, and what is written into the database behind Better Auth's back.
- Requests to Better Auth that its origin check or its router refuses before an endpoint is reached, unless they try to sign in or up.
- A sign-in with a provider that a person gives up on the provider's own page.
- Which gateways heard of a revocation: [metrics](architecture.md#revocations) tell of that.

## With a Better Auth elsewhere

With \`auth.mode: remote\` ([remote.md](remote.md)) the gateway says what passes through \`auth.path\`, by path, bodies, status and cookies. That is less than is known of a Better Auth of its own:

- \`sessionId\` of a \`sign_in\` is null, and so is \`userId\` where the answer does not name the user: with providers and links in mails. \`password.reset\` and \`email.verified\` do not say whose.
- Where addresses have to be verified, a \`sign_up\` may be of somebody who has an account already: the answer is the same.
- The sessions that a ban or another password ends are not listed; \`/revoke-other-sessions\` is one \`session.revoked\` without an id.
- Endpoints of other plugins are seen only where they set a session cookie. So are server actions of an application with \`sessionCookie: forward\`: a session cookie that is taken away is a \`sign_out\`, that of another session a \`sign_in\` with method \`other\` and without a \`userId\`.
- A second factor that is turned off by an administrator's own tool, a user who is changed in the database: not seen.

With \`auth.pushSecret\` the first gateway in the plugin's list also writes what it is told of, as \`session.revoked\`, \`user.revoked\` and \`user.deleted\` with \`via: push\`: all that ends there, by whomever. What somebody asked for through a gateway is then told twice, once as what was asked (\`via: request\`) and once as what came of it
(\`via: push\`). A push whose answer was lost is sent again, and then said again.`
