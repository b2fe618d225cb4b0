import { authenticate } from '../authn/authenticate.ts'
import type { Principal } from '../authn/principal.ts'
import type { RouteAuth } from '../config/types.ts'
import { isRefusal, refuse, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import type { EndpointAccess } from '../routing/compile.ts'
import { authorize } from './access.ts'
import { identify, type IdentifyDeps } from './identify.ts'
import { checkForm, checkOrigin } from './origin.ts'
import { noWitness, type Witness } from './witness.ts'

const anyCredential: RouteAuth = {
  mode: 'required',
  forwardAuthorization: false,
  accept: null,
  needs: null,
}

/** Who is calling an endpoint of ours, if they may; null for nobody, or where it does not matter. `nowMs` is the wall clock. */
export async function identifyForEndpoint(
  access: EndpointAccess,
  head: RequestHead,
  nowMs: number,
  deps: IdentifyDeps,
  witness: Witness = noWitness,
): Promise<Principal | null | Refusal> {
  switch (access) {
    case 'open':
      return null
    case 'form':
      return checkForm(head, deps.origins)
    case 'credential':
      return identify(head, anyCredential, { owner: null, nowMs }, deps, witness)
    case 'session':
    case 'peek':
      return identifyByCookie(access, head, nowMs, deps, witness)
  }
}

async function identifyByCookie(
  access: 'session' | 'peek',
  head: RequestHead,
  nowMs: number,
  deps: IdentifyDeps,
  witness: Witness,
): Promise<Principal | null | Refusal> {
  if (access === 'session' && head.authorization !== null) {
    return refuse('token_not_accepted', { tokenPresented: true })
  }
  if (access === 'session' && head.apiKey !== null && deps.authn.readApiKey !== undefined) {
    return refuse('token_not_accepted')
  }
  // A look at the session asks for the cookie alone: whoever holds a token or a key knows already.
  const byCookie = { ...head, authorization: null, apiKey: null, ticket: null }
  const outcome = await authenticate(byCookie, deps.authn, nowMs)
  const principal = authorize('required', outcome)
  if (isRefusal(principal)) {
    const isUnknown = principal.code === 'session_store_unavailable'
    return access === 'peek' && !isUnknown ? null : principal
  }
  if (principal !== null) witness.knows(principal, byCookie)
  return checkOrigin(head, deps.origins, false) ?? principal
}
