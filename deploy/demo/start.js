import '../../src/node-version.js'

await import('./start.ts')
