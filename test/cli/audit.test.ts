import { spawn } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { assertValid, brief, linesOf, type Line } from '../audit/stage.ts'
import { minimal, root, run, secrets } from './run.ts'
import { bareEnv } from '../helper/program.ts'

t.test('start, reload, rotation and commands are in one file', async (t) => {
  const yaml = `${minimal}audit: { file: ./audit.jsonl }\n`
  const folder = t.testdir({ 'gateway.config.yaml': yaml })
  const file = join(folder, 'audit.jsonl')
  const gateway = spawn(process.execPath, [join(root, 'src/sallyport.js'), 'start'], {
    cwd: folder,
    env: { ...bareEnv, ...secrets },
    stdio: 'ignore',
  })
  t.teardown(() => gateway.kill('SIGKILL'))
  const until = async (event: string, count = 1, from = file): Promise<readonly Line[]> => {
    for (;;) {
      const lines =
        existsSync(from) && readFileSync(from, 'utf8').endsWith('\n') ? linesOf(from) : []
      if (lines.filter((line) => line['event'] === event).length >= count) return lines
      await pause(10)
    }
  }
  await until('gateway.started')
  const config = join(folder, 'gateway.config.yaml')
  writeFileSync(config, yaml.replace('/api/*', '/api2/*'))
  await until('configuration.reloaded')
  writeFileSync(config, yaml.replace('routes', 'rutes'))
  const lines = await until('configuration.reloaded', 2)
  t.match(lines.slice(-2), [
    { outcome: 'success', actor: 'operator', fingerprint: /^[0-9a-f]{12}$/, problem: null },
    {
      outcome: 'failure',
      reason: 'configuration_invalid',
      problem: /^gateway\.config\.yaml:\d+:\d+ routes/,
    },
  ])
  t.not(lines.at(-1)?.['fingerprint'], lines.at(-2)?.['fingerprint'])
  writeFileSync(config, yaml)
  await until('configuration.reloaded', 3)
  const revoked = await run(folder, ['revoke', 'everyone'])
  t.match(revoked, { code: 0, err: '' })
  t.match((await until('everyone.revoked')).at(-1), {
    actor: 'operator',
    via: 'command',
    sessions: 0,
  })
  renameSync(file, `${file}.1`)
  gateway.kill('SIGHUP')
  await until('configuration.reloaded')
  gateway.kill('SIGTERM')
  const last = await until('gateway.stopped')
  assertValid(t, [...linesOf(`${file}.1`), ...last])
  t.strictSame(last.map(brief), ['configuration.reloaded success', 'gateway.stopped success'])
})
