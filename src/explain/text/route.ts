import type { Candidate, RouteExplanation } from '../route.ts'
import type { Line } from './render.ts'

/** Which route, and what lost. */
export function aboutRoute({ chosen, refusal, runnersUp }: RouteExplanation): readonly Line[] {
  const winner = chosen === null ? `none: ${refusal?.code ?? ''}` : candidateText(chosen)
  return [
    ['route', winner],
    ...runnersUp.map((each): Line => ['not', `${candidateText(each)}: ${each.reason}`]),
  ]
}

function candidateText({ kind, name, pattern, hosts, methods }: Candidate): string {
  const what = kind === 'route' ? name : `(${kind}) ${name}`
  const where = hosts === null ? pattern : `${hosts.join('|')}${pattern}`
  // All that there are: nothing was said about methods.
  return methods.length === 7 ? `${what} ${where}` : `${what} ${where} [${methods.join(' ')}]`
}
