import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { least, median, ratios, type Figure, type Findings } from '../figures.ts'
import type { Target } from '../load/load.ts'
import { download, upload } from '../load/transfer.ts'
import { host } from '../peers/callers.ts'
import { forwarded, kept, startNginx } from '../peers/nginx.ts'
import { startSallyport } from '../peers/sallyport.ts'
import { startUpstream } from '../peers/upstream.ts'
import type { Lab } from '../system/lab.ts'
import { loadCpu, peerCpu, startPart } from '../system/processes.ts'
import type { Programs } from '../system/programs.ts'

const bytes = 100 * 1024 * 1024
type Direction = 'down' | 'up'
type Speeds = ReadonlyMap<string, readonly number[]>
const directions: readonly Direction[] = ['down', 'up']

/** 100 MB in either direction, on one connection. */
export async function transfers(lab: Lab, programs: Programs): Promise<Findings> {
  const { nginx } = programs
  if (nginx === null) return { figures: directions.map((way) => figureOf(way, new Map())) }
  const results = new Map<Direction, Speeds>()
  for (const way of directions) {
    const upstream = await (way === 'down' ? startFile(lab, programs) : startSink(lab))
    results.set(way, await measure(way, await targetsOf(lab, nginx, upstream), lab.rounds))
  }
  return {
    figures: directions.map((way) => figureOf(way, results.get(way) ?? new Map())),
    observations: {
      head: ['100 MB through', ...directions.map((way) => `${way} MB/s`)],
      rows: [...(results.get('down')?.keys() ?? [])].map((name) => [
        name,
        ...directions.map((way) => median(results.get(way)?.get(name) ?? []).toFixed(0)),
      ]),
    },
  }
}

async function measure(
  way: Direction,
  targets: ReadonlyMap<string, Target>,
  rounds: number,
): Promise<Speeds> {
  const speeds = new Map([...targets.keys()].map((name) => [name, [] as number[]]))
  // The first turn is not counted: it is for files and memory to get warm.
  for (let turn = -1; turn < rounds; turn += 1) {
    for (const [name, target] of targets) {
      const speed = await (way === 'down' ? download(target, bytes) : upload(target, bytes))
      if (turn >= 0) speeds.get(name)?.push(speed)
    }
  }
  return speeds
}

function startFile(lab: Lab, programs: Programs): Promise<string> {
  const folder = mkdtempSync(join(lab.folder, 'files-'))
  const file = join(folder, '100mb')
  writeFileSync(file, '')
  truncateSync(file, bytes)
  return startUpstream(lab, programs, { server: `location /api/files/ { alias ${folder}/; }` })
}

async function startSink(lab: Lab): Promise<string> {
  return lab.keep(await startPart<{ url: string }>('sink.ts', { cpu: loadCpu })).said.url
}

async function targetsOf(
  lab: Lab,
  program: string,
  upstream: string,
): Promise<ReadonlyMap<string, Target>> {
  const path = '/api/files/100mb'
  const nginx = await startNginx(lab, {
    program,
    cpu: peerCpu,
    upstreams: { api: { url: upstream, keepAlive: true } },
    // Without a file in between, in either direction.
    server: `location / {
      proxy_pass http://api; ${kept} ${forwarded}
      proxy_request_buffering off; proxy_max_temp_file_size 0;
    }`,
  })
  const { url, caller } = await startSallyport(lab, { upstream })
  return new Map<string, Target>([
    ['direct', { url: `${upstream}${path}`, headers: {} }],
    ['nginx', { url: `${nginx.url}${path}`, headers: {} }],
    ['cookie', { url: `${url}${path}`, headers: { host, cookie: caller.cookie } }],
  ])
}

function figureOf(way: Direction, speeds: Speeds): Figure {
  return {
    what: `100 MB ${way}: cookie / nginx, MB/s`,
    values: ratios(speeds.get('cookie') ?? [], speeds.get('nginx') ?? []),
    target: least(0.5, 0.9),
    ...(speeds.has('nginx') ? {} : { missing: 'nginx is not installed' }),
  }
}
