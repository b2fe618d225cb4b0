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
export function openPages(config: GatewayConfig, { offers, script }: PageParts): Pages {
  const { auth } = config
  const { brand, logo } = openBrand(config)
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

/** What pages are dressed with, and the logo itself. Reads it; throws a `StartupError` when it is of no use. */
export function openBrand({ pages: { name, logoFile } }: GatewayConfig): {
  readonly brand: Brand
  readonly logo: Asset | null
} {
  const logo = logoFile === null ? null : readLogo(logoFile)
  return { brand: { name, logo: logo === null ? null : addressOf(logo.name) }, logo }
}

function addressOf(name: string): string {
  return endpoints.pages.path.replace('*', name)
}
