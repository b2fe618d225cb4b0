import type { ApiDocument, Operation } from './read.ts'

/** Last segments of paths that answer whether the application is alive, and nothing else. */
const health =
  /^(?:health|healthz|healthcheck|health-check|livez|readyz|alive|ready|liveness|readiness|ping)$/i

/** What the operations of an application are to a gateway; each is in one of them. */
export interface Sorted {
  readonly health: readonly Operation[]
  readonly login: readonly Operation[]
  readonly uploads: readonly Operation[]
}

/** Finds the operations that a gateway treats in another way than the rest. */
export function sort(api: ApiDocument): Sorted {
  const isLiteral = ({ path }: Operation): boolean => !path.includes('{')
  const isHealth = (each: Operation): boolean =>
    each.method === 'GET' &&
    isLiteral(each) &&
    !each.isSecured &&
    !isTokenPath(api, each.path) &&
    health.test(each.path.split('/').findLast((segment) => segment !== '') ?? '')
  const isLogin = ({ method, path }: Operation): boolean =>
    method === 'POST' && !path.includes('{') && isTokenPath(api, path)
  const isUpload = ({ takes }: Operation): boolean => takes.includes('multipart/form-data')
  return {
    health: api.operations.filter(isHealth),
    login: api.operations.filter(isLogin),
    uploads: api.operations.filter((each) => isUpload(each) && !isLogin(each)),
  }
}

/** `tokenUrl` may be written with `root_path` before it, or relative to the page. */
function isTokenPath({ tokenPaths, rootPath }: ApiDocument, path: string): boolean {
  return tokenPaths.some((each) => each === path || each === rootPath + path)
}
