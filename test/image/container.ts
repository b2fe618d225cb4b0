import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Image } from './build.ts'

export interface Container {
  /** The gateway as this machine sees it; inside it is process 1. */
  readonly pid: () => number
  /** Everything that it has printed. */
  readonly output: () => string
  /** Sends a signal to process 1. */
  readonly signal: (signal: NodeJS.Signals) => void
  /** Resolves with the exit code when it has ended. */
  readonly ended: Promise<number | null>
  readonly kill: () => void
}

// As `--read-only --volume` do it: a file system that nobody writes to, but for the volume.
const mounts = `
mount --bind "$root" "$root"
mount -t tmpfs -o "uid=\${user%%:*},gid=\${user##*:},mode=0700" tmpfs "$root$volume"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -o remount,bind,ro "$root"
`
const becomeIt = `
unshare=$(command -v unshare)
PATH=$within
exec "$unshare" --root "$root" --wd "$work" --setgid "\${user##*:}" --setuid "\${user%%:*}" "$@"
`
const take = 'set -eu; root=$1; work=$2; user=$3; volume=$4; within=$5; shift 5'

/** Runs the command of an image as process 1 of a file system of its own; on the network of this machine. */
export function startContainer(image: Image, env: Readonly<Record<string, string>>): Container {
  const enter = ['--mount', '--pid', '--kill-child', 'sh', '-c', take + mounts + becomeIt, 'sh']
  const child = spawn('unshare', [...enter, ...argsOf(image), ...image.command], {
    env: envOf(image, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return {
    pid: () => innermost(child),
    output: () => said,
    signal: (signal) => {
      process.kill(innermost(child), signal)
    },
    ended: once(child, 'exit').then(([code]) => code as number | null),
    kill: () => child.kill('SIGKILL'),
  }
}

/** Runs another command of the image beside it, as a health check does. @returns the exit code */
export function runBeside(
  image: Image,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): number | null {
  const args = ['-c', `${take}\n${becomeIt}`, 'sh', ...argsOf(image), ...command]
  return spawnSync('sh', args, { env: envOf(image, env), stdio: 'inherit' }).status
}

function argsOf(image: Image): readonly string[] {
  const { folder, folderOfWork, user, volumes } = image
  return [folder, folderOfWork, user, volumes[0] ?? '', image.env.get('PATH') ?? '']
}

function envOf(image: Image, env: Readonly<Record<string, string>>): Record<string, string> {
  return { ...Object.fromEntries(image.env), ...env, PATH: process.env['PATH'] ?? '' }
}

function innermost(child: ChildProcess): number {
  const path = `/proc/${String(child.pid)}/task/${String(child.pid)}/children`
  return Number(readFileSync(path, 'utf8').trim().split(' ')[0])
}

/** Asks until there is an answer, for half a minute. */
export async function untilAnswered(url: string, container: Container): Promise<Response> {
  for (let patience = 300; ; patience -= 1) {
    const answer = await fetch(url).catch(() => null)
    if (answer !== null) return answer
    const over = await Promise.race([container.ended.then(() => true), pause(0, false)])
    if (over || patience === 0) throw new Error(`nothing answers: ${container.output()}`)
    await pause(100)
  }
}
