import type { Check } from './check.ts'
import type { DoctorContext } from './context.ts'
import { judgeOwnCertificate } from './local/certificate.ts'
import { configurationChecks } from './local/configuration.ts'
import { judgeFiles, keyFiles } from './local/files.ts'
import { checkGateway, checkPublicUrl } from './services/gateway.ts'
import { issuerChecks } from './services/issuers.ts'
import { remoteChecks } from './services/remote.ts'
import { databaseChecks } from './stores/database.ts'
import { redisChecks } from './stores/redis.ts'
import { upstreamChecks } from './upstream/checks.ts'
import { judgeNode, judgePackages } from './versions/check.ts'

/** Everything that is looked at, in the order in which it is said. */
export function allChecks(context: DoctorContext): readonly Check[] {
  const { file, config, warnings, secretFiles, clock } = context
  const files = [...secretFiles, ...keyFiles(config)]
  return [
    ...configurationChecks(file, config, warnings),
    { name: 'files', run: () => judgeFiles(files, process.platform) },
    { name: 'node', run: () => judgeNode(context.nodeVersion) },
    { name: 'packages', run: () => judgePackages(context.installed(), clock.now()) },
    ...upstreamChecks(context),
    ...databaseChecks(context),
    ...remoteChecks(context),
    ...redisChecks(context),
    ...issuerChecks(context),
    { name: 'certificate', run: () => judgeOwnCertificate(config.server, clock.now()) },
    { name: 'public url', run: () => checkPublicUrl(context) },
    { name: 'gateway', run: () => checkGateway(context) },
  ]
}
