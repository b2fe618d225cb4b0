import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { clients } from './recipes.ts'
import { startRecipes } from './site.ts'
import { proveRecipe } from './visitor.ts'

const chromium = await launchChromium(t)

if (chromium !== null) {
  const site = await startRecipes(t, clients)
  for (const { mark } of clients) proveRecipe(t, chromium, site, mark)
}
