/** Sallyport as a library: load a configuration, make a gateway of it. */
export { loadConfig, type LoadedConfig } from './config/load.ts'
export { ConfigError, formatProblem, type ConfigProblem } from './config/problem.ts'
export type { GatewayConfig } from './config/types.ts'
export { StartupError } from './errors/startup.ts'
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
