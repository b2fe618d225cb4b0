import type { Clock } from '../clock.ts'
import type { ConfigProblem } from '../config/problem.ts'
import type { GatewayConfig } from '../config/types.ts'
import type { InstalledPackage } from './versions/installed.ts'

/** What the person who asks has chosen. */
export interface DoctorOptions {
  /** A path of FastAPI's own that needs a token, for every upstream (`''`) or for one, by its name. */
  readonly paths: Readonly<Record<string, string>>
  /** The user whom the token names. Nobody's id, unless it was chosen. */
  readonly user: string
  /** Whether `server.publicUrl` is asked too. */
  readonly isPublic: boolean
  /** How long one step may take: a connection, an answer. Milliseconds. */
  readonly stepMs: number
}

/** What the checks look at. */
export interface DoctorContext {
  /** As it was named, for messages. */
  readonly file: string
  readonly config: GatewayConfig
  readonly warnings: readonly ConfigProblem[]
  /** Absolute paths of the files that the configuration was read from and that may hold secrets. */
  readonly secretFiles: readonly string[]
  readonly options: DoctorOptions
  readonly slow: Slow
  readonly clock: Clock
  /** `process.version`. */
  readonly nodeVersion: string
  /** The packages that the gateway would load. */
  readonly installed: () => readonly InstalledPackage[]
}

/** From how long on an answer is slow, milliseconds. */
export interface Slow {
  readonly applicationMs: number
  readonly storeMs: number
}

/** Who gives every step more time expects less of it. */
export function slowFor(stepMs: number): Slow {
  return { applicationMs: stepMs / 5, storeMs: stepMs / 100 }
}
