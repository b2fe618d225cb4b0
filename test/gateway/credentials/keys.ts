import type { Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import { startGateway, type Running, type SignedIn } from '../../helper/gateway.ts'
import { call } from '../../session/calls.ts'

export interface Parts {
  readonly gateway: Running
  readonly backend: Backend
}

/** A gateway that accepts API keys. @param more the text of `auth.ts`, if there is one */
export async function start(t: Test, more: { readonly module?: string } = {}): Promise<Parts> {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    yaml: 'bearer: { apiKeys: true }',
    ...(more.module === undefined
      ? {}
      : { auth: 'signUp: open, module: ./auth.ts', files: { 'auth.ts': more.module } }),
  })
  return { gateway, backend }
}

export interface Made {
  readonly id: string
  readonly key: string
}

/** A key that its owner has made. */
export async function makeKey(
  { gateway }: Pick<Parts, 'gateway'>,
  owner: SignedIn,
  body = {},
): Promise<Made> {
  const reply = await call(gateway, '/api-key/create', { cookie: owner.cookie, body })
  if (reply.status !== 200) throw new Error(`no key: ${reply.text}`)
  return reply.json() as unknown as Made
}
