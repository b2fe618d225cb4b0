import type { Draft, FamilyName } from '../case.ts'
import type { Ground, Probe } from '../ground.ts'
import { crossSiteDrafts } from './browser/cross-site.ts'
import { loginDrafts, returnDrafts } from './browser/redirects.ts'
import { controlDrafts } from './caller/control.ts'
import { cookieDrafts } from './caller/cookies.ts'
import { identityDrafts } from './caller/identity.ts'
import { presentedDrafts } from './caller/presented.ts'
import { issuerDrafts } from './caller/issuers.ts'
import { tokenDrafts } from './caller/tokens.ts'
import { bodyDrafts } from './message/bodies.ts'
import { framingDrafts } from './message/framing.ts'
import { sequenceDrafts } from './message/sequence.ts'
import { endpointDrafts, ticketDrafts } from './place/endpoints.ts'
import { hostDrafts } from './place/host.ts'
import { methodDrafts } from './place/methods.ts'
import { pathDrafts } from './place/paths.ts'
import { answerDrafts } from './upstream/answers.ts'

type OfProbe = (ground: Ground, probe: Probe) => readonly Draft[]

/** What is fired at each route, by family. */
export const atRoutes: Readonly<Record<FamilyName, readonly OfProbe[]>> = {
  control: [controlDrafts],
  identity: [identityDrafts],
  paths: [pathDrafts],
  tokens: [tokenDrafts, issuerDrafts, presentedDrafts],
  cookies: [cookieDrafts],
  framing: [(_ground, probe) => framingDrafts(probe), (_ground, probe) => sequenceDrafts(probe)],
  'cross-site': [crossSiteDrafts],
  host: [(_ground, probe) => hostDrafts(probe)],
  methods: [(_ground, probe) => methodDrafts(probe)],
  redirects: [(_ground, probe) => returnDrafts(probe)],
  endpoints: [(_ground, probe) => ticketDrafts(probe)],
  bodies: [(_ground, probe) => bodyDrafts(probe)],
  answers: [answerDrafts],
}

/** What is fired once. */
export const atGateway: Readonly<
  Partial<Record<FamilyName, (ground: Ground) => readonly Draft[]>>
> = {
  redirects: loginDrafts,
  endpoints: endpointDrafts,
}
