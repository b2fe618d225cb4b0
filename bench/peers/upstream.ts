import type { Lab } from '../system/lab.ts'
import { loadCpu, startPart } from '../system/processes.ts'
import type { Programs } from '../system/programs.ts'
import { json } from './answer.ts'
import { startNginx } from './nginx.ts'

/** The URL of an upstream that answers every request with a kilobyte of JSON: nginx, or Node where there is none. */
export async function startUpstream(
  lab: Lab,
  { nginx }: Programs,
  more: { readonly server?: string } = {},
): Promise<string> {
  if (nginx === null) {
    return lab.keep(await startPart<{ url: string }>('upstream.ts', { cpu: loadCpu })).said.url
  }
  const server = `${more.server ?? ''} location / { default_type application/json; return 200 '${json}'; }`
  return (await startNginx(lab, { program: nginx, cpu: loadCpu, server })).url
}
