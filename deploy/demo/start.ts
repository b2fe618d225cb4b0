import { parseOptions, usage } from './launch/options.ts'

const options = parseOptions(process.argv.slice(2))
if (typeof options === 'string') {
  console.error(`${options}\nTry: npm start -- --help`)
  process.exitCode = 2
} else if (options.help) console.log(usage)
else {
  // Loaded only now: help does not wait for the whole gateway.
  const { run } = await import('./launch/run.ts')
  await run(options)
}
