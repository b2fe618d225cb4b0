import { hash } from 'node:crypto'
import type { GatewayConfig } from '../config/types.ts'
import type { PageScript } from '../endpoints/login/assets.ts'
import { readLogo } from '../endpoints/login/logo.ts'
import type { Brand } from '../pages/brand.ts'
import type { Offers } from '../pages/login/offers.ts'
import { createLoginPage } from '../pages/login/page.ts'
import type { Asset, Pages } from '../pages/pages.ts'
import { endpoints } from '../routing/compile.ts'

/** What the pages are made of that no configuration changes. */
export interface PageParts {
  /** What Better Auth can do. */
  readonly offers: Offers
  readonly script: PageScript
}

/** The pages of a configuration. Reads the logo; throws a `StartupError` when it is of no use. */
export function openPages(
  { auth, pages: { name, logoFile } }: GatewayConfig,
  { offers, script }: PageParts,
): Pages {
  const logo = logoFile === null ? null : readLogo(logoFile)
  const brand: Brand = { name, logo: logo === null ? null : addressOf(logo.name) }
  const files: readonly Asset[] = [...script.modules, ...(logo === null ? [] : [logo])]
  return {
    brand,
    assets: new Map(files.map((file) => [file.name, file])),
    login: createLoginPage({
      path: endpoints.login.path,
      authPath: auth.path,
      script: addressOf(script.entry),
      sha256Base64: (text) => hash('sha256', text, 'base64'),
      ...{ offers, brand },
    }),
  }
}

function addressOf(name: string): string {
  return endpoints.pages.path.replace('*', name)
}
