import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv, styleText } from 'node:util'
import { ensureSecrets } from '../../../src/cli/init.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { ConfigError, formatProblem } from '../../../src/config/problem.ts'
import type { GatewayConfig } from '../../../src/config/types.ts'
import { StartupError } from '../../../src/errors/startup.ts'
import { createGateway, type Gateway } from '../../../src/gateway.ts'
import { createLogger } from '../../../src/ops/log.ts'
import { missingFolders } from '../../../src/static/folders.ts'
import { ensureAccount } from './account.ts'
import { startFastApi, type FastApi } from './fastapi.ts'
import type { StartOptions } from './options.ts'
import { findFreePort, probePort } from './ports.ts'
import { watchSignals, type Shutdown } from './shutdown.ts'
import { preparePython } from './venv.ts'
import { openBrowser } from '../browser.ts'
import { demoFolder } from '../python.ts'

const root = join(demoFolder, '..', '..')
const stateFolder = join(demoFolder, '.state')

/** Runs the demo until a signal ends it. Never rejects: why it could not start is printed, and the exit code is 1. */
export async function run(chosen: StartOptions): Promise<void> {
  const shutdown = watchSignals()
  try {
    await start(chosen, shutdown)
  } catch (error) {
    // After Ctrl-C whatever was still being prepared fails; that is no news.
    if (shutdown.signal.aborted) return
    const isExpected = error instanceof ConfigError || error instanceof StartupError
    console.error(isExpected ? error.message : error)
    await shutdown.end(1)
  }
}

async function start(chosen: StartOptions, shutdown: Shutdown): Promise<void> {
  const envFile = join(root, '.env')
  const { created } = await ensureSecrets({ file: envFile })
  say('secrets', created.length === 0 ? 'found' : `wrote ${created.join(', ')} to .env`)
  const env = await settle(chosen, { ...parseEnv(await readFile(envFile, 'utf8')), ...process.env })
  const { config, warnings } = loadConfig({ file: join(root, 'gateway.config.yaml'), env })
  for (const warning of warnings) console.error(formatProblem(warning))
  for (const missing of missingFolders(config)) say('page', `${missing}: npm run build:web`)
  await checkPorts(config)
  // FastAPI needs a second to import its packages; the gateway opens its database meanwhile.
  const fastApi = chosen.upstream === null ? startApplication(chosen, config, env, shutdown) : null
  const [gateway] = await Promise.all([startGateway(chosen, config, shutdown), fastApi])
  if (chosen.upstream !== null) await sayUpstream(chosen.upstream)
  const { url, adminUrl } = await gateway.listen()
  say('gateway', `listening on ${url}`)
  const account = await ensureAccount({
    url,
    publicUrl: config.server.publicUrl,
    authPath: config.auth.path,
    stateFile: join(stateFolder, 'password'),
  })
  console.log(`\n  Open           ${styleText('bold', config.server.publicUrl)}`)
  if (typeof account === 'string') console.log(`  Demo account   ${account}`)
  else console.log(`  Demo account   ${account.email}  ${account.password}`)
  if (adminUrl !== null) console.log(`  Console        ${adminUrl}/console/`)
  console.log('  Stop           Ctrl-C\n')
  if (chosen.open) openPage(config, env)
}

function openPage({ server }: GatewayConfig, env: NodeJS.ProcessEnv): void {
  const { platform, stdout } = process
  openBrowser(server.publicUrl, { platform, env, isTerminal: stdout.isTTY })
}

/** Decides what the configuration leaves open: the ports, where FastAPI is, and how long a token lives. */
async function settle(
  { port, upstream }: StartOptions,
  env: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  const given = port ?? Number(env['PORT'] ?? '')
  const gatewayPort = port === 0 ? await findFreePort() : given || 8080
  const adminPort = port === 0 ? await findFreePort() : env['ADMIN_PORT']
  const fastApiPort = env['FASTAPI_PORT'] ? env['FASTAPI_PORT'] : await findFreePort()
  return {
    ...env,
    PORT: String(gatewayPort),
    ...(adminPort === undefined ? {} : { ADMIN_PORT: String(adminPort) }),
    PUBLIC_URL: env['PUBLIC_URL'] ? env['PUBLIC_URL'] : `http://localhost:${gatewayPort}`,
    // Short, so that one can watch the page get another one.
    BEARER_TTL: env['BEARER_TTL'] ? env['BEARER_TTL'] : '2m',
    FASTAPI_PORT: String(fastApiPort),
    FASTAPI_URL: upstream ?? `http://127.0.0.1:${fastApiPort}`,
  }
}

/** Before anything is installed or started: a taken port is cheap to find and annoying to find last. */
async function checkPorts({ server, admin }: GatewayConfig): Promise<void> {
  const wanted = [
    { ...server.listen, advice: 'choose another: npm start -- --port N' },
    ...(admin === null
      ? []
      : [{ ...admin.listen, advice: 'choose another: ADMIN_PORT=N npm start' }]),
  ]
  for (const { host, port, advice } of wanted) {
    const state = await probePort(host, port)
    if (state === 'EADDRINUSE') throw new StartupError(`Port ${port} is in use; ${advice}`)
    if (state !== 'free') {
      throw new StartupError(`Port ${port} of ${host} cannot be opened (${state}); ${advice}`)
    }
  }
}

async function startApplication(
  { verbose }: StartOptions,
  config: GatewayConfig,
  env: NodeJS.ProcessEnv,
  shutdown: Shutdown,
): Promise<void> {
  const found = await preparePython({
    env,
    signal: shutdown.signal,
    onProgress: (line) => {
      say('python', line)
    },
  })
  if (found.kind === 'missing') throw new StartupError(found.reason)
  say('python', found.python)
  const port = Number(env['FASTAPI_PORT'])
  if ((await probePort('127.0.0.1', port)) !== 'free') {
    throw new StartupError(`Port ${port} (FASTAPI_PORT) is in use; choose another`)
  }
  await mkdir(stateFolder, { recursive: true })
  const fastApi = await startFastApi({
    python: found.python,
    port,
    jwtSecret: config.bearer.secrets[0] ?? '',
    database: join(stateFolder, 'todos.db'),
    logLevel: verbose ? 'info' : 'warning',
    signal: shutdown.signal,
    onLine: (line) => {
      say('fastapi', line)
    },
  }).catch((error: unknown) => {
    throw new StartupError((error as Error).message)
  })
  await shutdown.add(() => fastApi.stop())
  sayEnd(fastApi, shutdown)
  say('fastapi', `running on ${fastApi.url}`)
}

/** The gateway outlives its application, and shows what it answers then. */
function sayEnd(fastApi: FastApi, shutdown: Shutdown): void {
  void fastApi.ended.then((how) => {
    if (shutdown.signal.aborted) return
    say('fastapi', `ended (${how}); the gateway answers upstream_unreachable until you start again`)
  })
}

async function startGateway(
  { verbose }: StartOptions,
  config: GatewayConfig,
  shutdown: Shutdown,
): Promise<Gateway> {
  const logger = createLogger(verbose ? 'info' : 'warn')
  const quiet = verbose ? config : { ...config, audit: await auditFile() }
  const gateway = await createGateway(quiet, { logger, dev: true })
  await shutdown.add(() => gateway.close())
  return gateway
}

/** Nobody who has just started it wants its lines between these. */
async function auditFile(): Promise<GatewayConfig['audit']> {
  const folder = join(root, 'data')
  await mkdir(folder, { recursive: true })
  return { kind: 'file', file: join(folder, 'audit.jsonl') }
}

async function sayUpstream(upstream: string): Promise<void> {
  const isUp = await fetch(upstream, {
    signal: AbortSignal.timeout(2000),
    redirect: 'manual',
  }).then(
    () => true,
    () => false,
  )
  say('upstream', isUp ? `${upstream} answers` : `nothing answers at ${upstream} yet`)
  say(
    'upstream',
    'give your application the JWT_SECRET of .env, and gateway.config.yaml its routes',
  )
}

function say(subject: string, text: string): void {
  console.log(`  ${styleText('dim', subject.padEnd(10))} ${text}`)
}
