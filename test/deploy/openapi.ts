import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import type { Test } from 'tap'
import { missing } from '../helper/servers/installed.ts'
import { at, type Mapping } from './tools.ts'

interface Definition {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly 'x-kubernetes-group-version-kind'?: readonly Kind[]
}

interface Kind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Says what Kubernetes would not understand in an object: unknown fields, wrong types, what is missing. Null: it does not know that kind itself. */
export type Judge = (object: Mapping) => readonly string[] | null

/** Reads the OpenAPI of Kubernetes that `KUBERNETES_OPENAPI` names; null where there is none, which has then been said. */
export function kubernetesJudge(t: Test): Judge | null {
  const file = process.env['KUBERNETES_OPENAPI'] ?? ''
  if (file === '') return missing(t, 'no KUBERNETES_OPENAPI: .ci/run says where it comes from')
  const { definitions } = JSON.parse(readFileSync(file, 'utf8')) as {
    definitions: Record<string, Definition>
  }
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema({ $id: 'kubernetes', definitions: strictly(definitions) })
  const names = new Map(
    Object.entries(definitions).flatMap(([name, { 'x-kubernetes-group-version-kind': kinds }]) =>
      (kinds ?? []).map(({ group, version, kind }) => [
        `${group === '' ? '' : `${group}/`}${version} ${kind}`,
        name,
      ]),
    ),
  )
  return (object) => {
    const name = names.get(`${String(object['apiVersion'])} ${String(object['kind'])}`)
    if (name === undefined) return null
    const validate = ajv.getSchema(`kubernetes#/definitions/${name}`) as ValidateFunction
    void validate(object)
    const where = `${String(object['kind'])} ${String(at(object, 'metadata', 'name'))}`
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${where} ${instancePath} ${String(message)} ${JSON.stringify(params)}`,
    )
  }
}

/** As with `kubectl apply --validate=strict`: what is not known is refused. */
function strictly(definitions: Record<string, Definition>): Record<string, Definition> {
  const text = JSON.stringify(definitions, (_key, value: unknown) =>
    at(value, 'format') === 'int-or-string' ? { type: ['integer', 'string'] } : value,
  )
  const closed = Object.entries(JSON.parse(text) as Record<string, Definition>).map(
    ([name, definition]) => [
      name,
      definition.properties === undefined
        ? definition
        : { ...definition, additionalProperties: false },
    ],
  )
  return Object.fromEntries(closed) as Record<string, Definition>
}
