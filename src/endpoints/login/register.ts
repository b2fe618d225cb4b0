import type { FastifyInstance, FastifyRequest } from 'fastify'
import { endpoints } from '../../routing/compile.ts'
import type { PageQuery } from '../../pages/login/state.ts'
import { answerAsset } from './assets.ts'
import { loginElsewhere } from './elsewhere.ts'
import { answerForm, formLimitBytes, type FormDeps } from './form.ts'
import { answerPage } from './page.ts'

/** Mounts the built-in sign-in page, its forms, and the files of our pages. */
export function registerLogin(app: FastifyInstance, deps: FormDeps): void {
  const { arrivalOf } = deps
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    // Any other type is refused by Fastify.
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formLimitBytes },
      (_request, body, parsed) => {
        parsed(null, body)
      },
    )
    const elsewhere = (request: FastifyRequest): string | null =>
      loginElsewhere(arrivalOf(request).snapshot.answers, request.query as PageQuery)
    scope.get(endpoints.login.path, (request, reply) => {
      const other = elsewhere(request)
      return other === null
        ? answerPage(request, reply, arrivalOf(request).snapshot.pages.login)
        : reply.header('cache-control', 'no-store').redirect(other, 302)
    })
    scope.post(endpoints.login.path, (request, reply) => {
      const other = elsewhere(request)
      // Where nobody is shown our forms, none is taken.
      return other === null
        ? answerForm(request, reply, deps)
        : reply.header('cache-control', 'no-store').redirect(other, 303)
    })
    const { path } = endpoints.pages
    // The route table has no other meaning for the path without its end.
    for (const url of [path, path.replace('/*', '')]) {
      scope.get(url, (request, reply) => answerAsset(request, reply, arrivalOf(request).snapshot))
    }
    done()
  })
}
