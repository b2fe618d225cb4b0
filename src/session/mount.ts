import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Tells a client's address, as the trusted proxies have it. */
export type AddressOf = (request: FastifyRequest) => string

export interface AuthRoutes {
  readonly path: string
  readonly methods: readonly string[]
  /** `request.body` holds the bytes that came, or undefined. */
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>
}

const bodyLimitBytes = 1_048_576

/** Mounts whatever answers at and below `auth.path`: bodies are read whole, up to 1 MiB, as the bytes that came, whatever their type. */
export function mountAuthRoutes(app: FastifyInstance, routes: AuthRoutes): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: bodyLimitBytes },
      (_request, body, parsed) => {
        parsed(null, body)
      },
    )
    for (const url of [routes.path, `${routes.path}/*`]) {
      scope.route({ method: [...routes.methods], url, handler: routes.handler })
    }
    done()
  })
}
