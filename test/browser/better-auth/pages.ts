import type { Page } from 'playwright-core'
import type { Modules } from '../recipes/bundle.ts'
import { until } from '../recipes/visitor.ts'

/** Better Auth's client as it comes, and what its session store has said so far: a name, `nobody` or `pending`. */
export const clientPage: Modules = {
  'page.tsx': `
    import { createAuthClient } from 'better-auth/client'
    const auth = createAuthClient()
    const states: string[] = []
    auth.useSession.subscribe(({ data, isPending }) => {
      states.push(isPending ? 'pending' : (data?.user.name ?? 'nobody'))
    })
    Object.assign(globalThis, { auth, states })`,
}

export const reactPage: Modules = {
  'page.tsx': `
    import { createAuthClient } from 'better-auth/react'
    import { createRoot } from 'react-dom/client'
    const auth = createAuthClient()
    function Account() {
      const { data, isPending } = auth.useSession()
      if (isPending) return null
      return <p>{data === null ? 'Signed out' : 'Signed in: ' + data.user.email}</p>
    }
    createRoot(document.getElementById('app')!).render(<Account />)
    Object.assign(globalThis, { auth })`,
}

/** What an expression of the page comes to, once its script has run. */
export async function run(page: Page, expression: string): Promise<unknown> {
  await until(page, 'typeof auth', (type) => type === 'function')
  return page.evaluate(expression)
}

/** The last state of its store, once it is this one. */
export async function stateOf(page: Page, expected: string): Promise<unknown> {
  await run(page, '0')
  return until(page, 'states.at(-1)', (state) => state === expected)
}

export function signIn(page: Page, email: string, password: string): Promise<unknown> {
  return run(page, `auth.signIn.email(${JSON.stringify({ email, password })})`)
}
