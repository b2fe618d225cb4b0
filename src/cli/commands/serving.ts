import { command } from './command.ts'

export const servingCommands = [
  command({
    name: 'start',
    description: 'Run the gateway until SIGTERM or SIGINT.',
    run: async (options) => (await import('../start.ts')).runStart(options),
  }),
  command({
    name: 'dev',
    description:
      'Run it for development: loopback hosts, debug log, restart when the configuration changes.',
    run: async (options) => (await import('../start.ts')).runDev(options),
  }),
  command({
    name: 'health',
    description: 'Ask the running gateway whether it is ready; for container health checks.',
    run: async (options) => (await import('../health.ts')).runHealth(options),
  }),
]
