import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The files that a builder would send: those of the checkout that `.dockerignore` lets through. Of its language: `*`, a name anywhere (two stars and a slash before it), names, and `!`;
 * the last line that fits decides.
 */
export function contextOf(root: string): readonly string[] {
  const rules = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const isSent = (file: string): boolean => {
    let sent = true
    for (const rule of rules) {
      const pattern = rule.replace(/^!/, '')
      const anywhere = pattern.startsWith('**/') && `/${file}/`.includes(`/${pattern.slice(3)}/`)
      const fits = anywhere || pattern === '*' || file === pattern || file.startsWith(`${pattern}/`)
      if (fits) sent = rule.startsWith('!')
    }
    return sent
  }
  const tops = readdirSync(root).filter(isSent)
  return tops.flatMap((top) =>
    readdirSync(root, { withFileTypes: true })
      .find((entry) => entry.name === top)
      ?.isDirectory()
      ? readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
          .map((file) => join(top, file))
          .filter(isSent)
      : [top],
  )
}
