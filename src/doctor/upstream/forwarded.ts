import { ok, problem, skipped, warning, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'
import { shown } from '../wire/shown.ts'
import type { AnsweringTarget } from './target.ts'

const most = 5

/**
 * Whether FastAPI believes what it is told of the public origin. It shows in a redirect that Starlette makes for a path with a slash too many or too few, before any
 * handler is chosen.
 */
export async function checkForwarded(
  { asker, headers, offered }: AnsweringTarget,
  { config, options }: DoctorContext,
): Promise<Finding> {
  const { publicUrl } = config.server
  const paths = [...Object.values(options.paths), ...(offered?.plain ?? [])].slice(0, most)
  for (const path of paths) {
    const asked = { ...headers, 'x-forwarded-proto': 'https' }
    const { status, headers: answer } = await asker.ask({ path: otherSlash(path), headers: asked })
    const location = answer['location']
    if (status !== 307 || location === undefined || !URL.canParse(location)) continue
    return judgeRedirect(new URL(location), publicUrl)
  }
  return skipped('no path was found for which FastAPI makes a redirect, in which it could be seen')
}

function otherSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : `${path}/`
}

/** @param location the redirect that FastAPI made when it was told that the request came by https */
export function judgeRedirect(location: URL, publicUrl: string): Finding {
  const { host, protocol } = new URL(publicUrl)
  if (location.host !== host) {
    return warning(
      `FastAPI redirects to the host ${shown(location.host)} although it was asked for ${host}`,
      'Look for what changes the Host header between the gateway and FastAPI; the gateway preserves it.',
    )
  }
  if (location.protocol === 'https:') return ok('FastAPI believes X-Forwarded-Proto')
  const seen = 'FastAPI does not believe X-Forwarded-Proto: it redirects to http'
  if (protocol === 'http:') return ok(`${seen}, as server.publicUrl does`)
  return problem(
    seen,
    "Start uvicorn with --proxy-headers, and set FORWARDED_ALLOW_IPS to the gateway's address as FastAPI sees it.",
  )
}
