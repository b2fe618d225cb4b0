import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { findProgram, missing } from '../../helper/servers/installed.ts'
import { at, deploy, documentsOf, tool, type Mapping, type Said } from '../tools.ts'

export const chart = join(deploy, 'helm/sallyport')

/** The files in `values/`: what a test renders. */
export const installations = ['minimal', 'full', 'sqlite', 'remote'] as const
export type Installation = (typeof installations)[number]

/** Helm, with arguments; null where it is not there, which has then been said. */
export function helm(t: Test, args: readonly string[]): Said | null {
  const program = process.env['HELM'] ?? findProgram('helm', [])
  if (program === null) return missing(t, 'no helm: name it in HELM, as .ci/run does')
  return tool(t, program, args)
}

/** `helm template` of one of the files in `values/`, and of whatever else is said of it. */
export function template(
  t: Test,
  name: Installation | null,
  more: readonly string[] = [],
): Said | null {
  const file = name === null ? [] : ['--values', join(import.meta.dirname, `values/${name}.yaml`)]
  return helm(t, ['template', 'sallyport', chart, '--namespace', 'sallyport', ...file, ...more])
}

/** What `helm install` would send; null where Helm is not there. */
export function render(
  t: Test,
  name: Installation,
  more: readonly string[] = [],
): readonly Mapping[] | null {
  const said = template(t, name, more)
  if (said === null) return null
  t.equal(said.code, 0, said.err)
  return documentsOf(said.out)
}

/** The only one of its kind with this name. */
export function one(documents: readonly Mapping[], kind: string, name = 'sallyport'): Mapping {
  const found = documents.filter(
    (each) => each['kind'] === kind && at(each, 'metadata', 'name') === name,
  )
  if (found[0] === undefined || found.length > 1) throw new Error(`not one ${kind} ${name}`)
  return found[0]
}

/** What stands in files of deploy/kubernetes. */
export function kustomized(...files: readonly string[]): readonly Mapping[] {
  return files.flatMap((file) =>
    documentsOf(readFileSync(join(deploy, 'kubernetes', file), 'utf8')),
  )
}

export function podOf(documents: readonly Mapping[]): unknown {
  return at(one(documents, 'Deployment'), 'spec', 'template', 'spec')
}

/** The configuration that the gateway would read. */
export function configOf(documents: readonly Mapping[]): string {
  return String(at(one(documents, 'ConfigMap'), 'data', 'gateway.config.yaml'))
}
