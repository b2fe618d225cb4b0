import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root, tool } from './tools.ts'

/** Templates of Helm are YAML only when they are rendered. */
const passedOver = ['node_modules', '.venv', 'dist', 'templates']
const exclude = (name: string): boolean => passedOver.includes(name)

/** Prettier says how lines are broken and indented. */
const rules = `{ extends: default, rules: { line-length: disable, indentation: disable, document-start: disable, braces: { min-spaces-inside: 0, max-spaces-inside: 1 }, comments: { min-spaces-from-content: 1 }, comments-indentation: disable, truthy: { check-keys: false } } }`

t.test('yamllint finds nothing in what is shipped', async (t) => {
  const files = [
    'gateway.config.yaml',
    ...globSync(['deploy/**/*.yaml', 'config/examples/*.yaml'], { cwd: root, exclude }),
  ]
  t.ok(files.length > 20)
  const said = tool(t, 'yamllint', ['--strict', '-d', rules, ...files])
  if (said !== null) t.equal(said.code, 0, said.out)
})

t.test('shellcheck finds nothing in shell scripts', async (t) => {
  const files = ['.ci/run', ...globSync('{deploy,test,bench}/**/*.sh', { cwd: root, exclude })]
  const scripts = files.filter((file) => {
    const path = join(root, file)
    return statSync(path).isFile() && readFileSync(path, 'utf8').startsWith('#!')
  })
  t.ok(scripts.length >= 2)
  const said = tool(t, 'shellcheck', ['--severity=style', ...scripts])
  if (said !== null) t.equal(said.code, 0, said.out)
})
