import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type Server } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { TlsConfig } from '../config/types.ts'
import { StartupError } from '../errors/startup.ts'
import { contextOf } from './listener.ts'

/** Certificate and key of the public port, PEM. */
export interface TlsPair {
  readonly cert: Buffer
  readonly key: Buffer
}

const defaultPollMs = 1000

/**
 * The certificate of the public port. Its files are read once a second and compared with what is in force: watchers miss the swapped
 * links of Kubernetes, and a certificate is small. What is not checked: its names and dates, and who signed it.
 */
export class Certificate {
  readonly #config: TlsConfig
  readonly #logger: FastifyBaseLogger
  readonly #pollMs: number
  #pair: TlsPair
  /** What is wrong with the files now, and how often in a row it has been seen. */
  #broken = { problem: '', looks: 0 }
  #server: Server | null = null

  /**
   * Reads the files. Throws a `StartupError` that names the key of the configuration.
   * @param pollMs how often the files are looked at
   */
  constructor(config: TlsConfig, logger: FastifyBaseLogger, pollMs = defaultPollMs) {
    this.#config = config
    this.#logger = logger
    this.#pollMs = pollMs
    this.#pair = this.read()
  }

  get pair(): TlsPair {
    return this.#pair
  }

  /** Reads the files as they are now and checks that they fit. Throws a `StartupError`. */
  read(): TlsPair {
    const { certFile, keyFile } = this.#config
    const pair = {
      cert: readPem('server.tls.cert', certFile),
      key: readPem('server.tls.key', keyFile),
    }
    const problem = judge(pair, this.#config)
    if (problem !== null) throw new StartupError(problem)
    return pair
  }

  /** New connections get this pair; those that are open keep theirs. */
  use(pair: TlsPair): void {
    this.#broken = { problem: '', looks: 0 }
    if (isSame(pair, this.#pair)) return
    this.#pair = pair
    this.#server?.setSecureContext(contextOf(pair))
    this.#logger.info('server.tls: a new certificate is in force')
  }

  /** Follows the files until the app closes. */
  follow(app: FastifyInstance): void {
    this.#server = app.server as unknown as Server
    let timer: NodeJS.Timeout | undefined
    const again = (): void => {
      if (this.#server === null) return
      timer = setTimeout(() => {
        void this.#look().then(again)
      }, this.#pollMs).unref()
    }
    again()
    app.addHook('onClose', (_app, done) => {
      this.#server = null
      clearTimeout(timer)
      done()
    })
  }

  async #look(): Promise<void> {
    const { certFile, keyFile } = this.#config
    const found = await Promise.all([readFile(certFile), readFile(keyFile)]).then(
      ([cert, key]) => ({ cert, key }),
      (error: unknown) => String((error as NodeJS.ErrnoException).code),
    )
    if (this.#server === null) return
    const isGone = typeof found === 'string'
    const problem = isGone
      ? `server.tls: the files cannot be read (${found})`
      : isSame(found, this.#pair)
        ? null
        : judge(found, this.#config)
    if (problem !== null) this.#keep(problem)
    else if (!isGone) this.use(found)
  }

  /** One file is written before the other, and a link is gone before it is back: what is still wrong at the next look is said, once. */
  #keep(problem: string): void {
    const looks = this.#broken.problem === problem ? this.#broken.looks + 1 : 1
    this.#broken = { problem, looks }
    if (looks === 2) this.#logger.error(`${problem}; the certificate from before stays in force`)
  }
}

/** Says what is wrong with a pair in the words of the configuration, or null. */
function judge({ cert, key }: TlsPair, { certFile, keyFile }: TlsConfig): string | null {
  if (!isContext({ cert })) return `server.tls.cert: ${certFile} holds no certificate in PEM`
  if (!isContext({ key }))
    return `server.tls.key: ${keyFile} holds no key in PEM without a passphrase`
  return isContext({ cert, key })
    ? null
    : `server.tls.key: ${keyFile} does not belong to the certificate in ${certFile}`
}

function isContext(parts: Partial<TlsPair>): boolean {
  try {
    createSecureContext(parts)
    return true
  } catch {
    return false
  }
}

function isSame(a: TlsPair, b: TlsPair): boolean {
  return a.cert.equals(b.cert) && a.key.equals(b.key)
}

function readPem(key: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new StartupError(
      `${key}: ${file} cannot be read (${String((error as NodeJS.ErrnoException).code)})`,
    )
  }
}
