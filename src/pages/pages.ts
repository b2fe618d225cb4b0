import type { Brand } from './brand.ts'
import type { LoginPage } from './login/page.ts'

/** A file of the pages. Its name changes with its content. */
export interface Asset {
  /** Below `/_gateway/pages/`. */
  readonly name: string
  /** Its media type. */
  readonly type: string
  readonly body: Uint8Array
  /** Of the file itself, for whoever opens it instead of a page with it. */
  readonly csp: string
}

/** The gateway's own pages, as one configuration has them. */
export interface Pages {
  readonly brand: Brand
  readonly login: LoginPage
  /** By name. */
  readonly assets: ReadonlyMap<string, Asset>
}
