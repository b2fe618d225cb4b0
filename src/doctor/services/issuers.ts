import type { IssuerConfig } from '../../config/types.ts'
import { createKeySetFetcher } from '../../issuers/fetch.ts'
import { readKeys } from '../../issuers/keys.ts'
import { ok, problem, type Check, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'
import { reasonOf } from '../wire/failure.ts'

/** The keys of every other issuer. */
export function issuerChecks({ config }: DoctorContext): readonly Check[] {
  return config.bearer.jwks.map((issuer) => ({
    name: `issuer ${issuer.issuer}`,
    run: () => checkIssuer(issuer),
  }))
}

async function checkIssuer({ url, algorithms }: IssuerConfig): Promise<Finding> {
  const fetcher = createKeySetFetcher()
  try {
    const { keys } = readKeys(await fetcher.fetch(url), algorithms, null)
    if (keys.size > 0) return ok(`${keys.size} ${keys.size === 1 ? 'key' : 'keys'} at ${url}`)
    return problem(
      `none of the keys at ${url} is for ${algorithms.join(' or ')}`,
      "Set this issuer's algorithms to what it signs with, and see that its keys have a kid.",
    )
  } catch (error) {
    return problem(
      `the keys at ${url} cannot be had: ${reasonOf(error)}`,
      'See that the url of this issuer is that of its JWK set, and can be reached from here.',
    )
  } finally {
    await fetcher.close()
  }
}
