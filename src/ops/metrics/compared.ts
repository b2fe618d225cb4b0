import { Counter, type Registry } from '@prometheus-io/client'
import type { FastifyBaseLogger } from 'fastify'
import type { ComparedUsers, UserComparison } from '../../proxy/headers/observed.ts'

/** Counts one comparison of users on a route that only observes. */
export type CountComparison = (route: string, result: UserComparison) => void

export function comparisonMetrics(registry: Registry): CountComparison {
  const users = new Counter({
    name: 'sallyport_observed_users_total',
    help: 'Answers of routes that only observe, by how the user of FastAPI’s own login and ours compare.',
    labelNames: ['route', 'result'],
    registers: [registry],
  })
  return (route, result) => {
    users.inc({ route, result })
  }
}

/** What is short and has no `@` is an id; anything else that FastAPI says there may be an address or a token, and is not logged. */
const idGrammar = /^[A-Za-z0-9._:-]{1,64}$/

/** Counts comparisons, and logs each one that does not agree: ids only. */
export function reportComparisons(
  count: CountComparison,
  log: FastifyBaseLogger,
): (compared: ComparedUsers) => void {
  return ({ route, requestId, result, gateway, application }) => {
    count(route, result)
    if (result === 'same' || result === 'neither') return
    const found = { requestId, route, result, gatewayUser: id(gateway) }
    log[result === 'different' ? 'warn' : 'info'](
      { ...found, applicationUser: id(application) },
      'the gateway and the application do not see the same user',
    )
  }
}

/** null: nobody. */
function id(user: string | null): string | null {
  return user === null || idGrammar.test(user) ? user : '[not an id]'
}
