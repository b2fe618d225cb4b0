import type { Recipe } from './site.ts'

/** Libraries that take a `fetch`, each called as its users call it. */
export const clients: readonly Recipe[] = [
  {
    mark: 'openapi',
    file: 'api.ts',
    modules: {
      'schema.ts': `
        type Answer = { responses: { 200: { content: { 'application/json': unknown } } } }
        type Created = Answer & { requestBody: { content: { 'application/json': unknown } } }
        export interface paths { '/api/todos': { get: Answer; post: Created } }`,
    },
    page: `
      import { api } from './api'
      const call = async (path: '/api/todos', body?: unknown) => {
        const { data, error } = body === undefined ? await api.GET(path) : await api.POST(path, { body })
        if (error !== undefined) throw new Error(String(error))
        return data
      }
      Object.assign(globalThis, { call })`,
  },
  {
    mark: 'hey',
    file: 'api.ts',
    modules: {
      'client/client.gen.ts': `
        import { createClient, createConfig } from '@hey-api/client-fetch'
        export const client = createClient(createConfig())`,
    },
    page: `
      import './api'
      import { client } from './client/client.gen'
      const call = async (url: string, body?: unknown) => {
        const headers = { 'Content-Type': 'application/json' }
        const options = { url, throwOnError: true } as const
        const answer = body === undefined ? await client.get(options) : await client.post({ ...options, body, headers })
        return answer.data
      }
      Object.assign(globalThis, { call })`,
  },
  {
    mark: 'axios',
    file: 'api.ts',
    page: `
      import { api } from './api'
      const call = async (path: string, body?: unknown) =>
        (body === undefined ? await api.get<unknown>(path) : await api.post<unknown>(path, body)).data
      Object.assign(globalThis, { call })`,
  },
  {
    mark: 'ky',
    file: 'api.ts',
    page: `
      import { api } from './api'
      const call = (path: string, json?: unknown) =>
        json === undefined ? api.get(path).json() : api.post(path, { json }).json()
      Object.assign(globalThis, { call })`,
  },
]

const calls = `
  import { gw } from './gateway'
  const call = async (path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) }
    return (await gw.fetch(path, init)).json()
  }
  Object.assign(globalThis, { call })`

/** Libraries that draw: each shows who is signed in, and lets them sign out. */
export const views: readonly Recipe[] = [
  {
    mark: 'react',
    file: 'session.tsx',
    page: `${calls}
      import { createRoot } from 'react-dom/client'
      import { Account } from './session'
      createRoot(document.getElementById('app')!).render(<Account />)`,
  },
  {
    mark: 'vue',
    file: 'session.ts',
    page: `${calls}
      import { createApp, defineComponent, h } from 'vue'
      import { useSession } from './session'
      const Account = defineComponent(() => {
        const session = useSession()
        return () => {
          if (session.value === undefined) return null
          if (session.value === null) return h('a', { href: '/_gateway/login' }, 'Sign in')
          return h('button', { onClick: () => gw.logout() }, 'Sign out ' + session.value.user.name)
        }
      })
      createApp(Account).mount('#app')`,
  },
  {
    mark: 'svelte',
    file: 'Account.svelte',
    page: `${calls}
      import { mount } from 'svelte'
      import { derived, get } from 'svelte/store'
      import Account from './Account.svelte'
      mount(Account, { target: document.getElementById('app')! })
      const nameOf = derived(gw.session, (session) => session?.user.name)
      nameOf.subscribe((name) => { document.body.dataset['derived'] = String(name) })
      Object.assign(globalThis, { once: () => get(gw.session)?.user.name })`,
  },
]

/** Shows how the query for the path in its fragment fares. */
export const query: Recipe = {
  mark: 'query',
  file: 'queries.ts',
  page: `
    import { QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query'
    import { createRoot } from 'react-dom/client'
    import { gw } from './gateway'
    import { AnswerError, call as load, queryClient } from './queries'

    const path = location.hash.slice(1)

    function Result() {
      const { status, error, failureCount } =
        useQuery({ queryKey: [path], queryFn: () => load<unknown>(path), enabled: path !== '' })
      const create = useMutation({
        mutationFn: (body: unknown) => load<unknown>('/api/todos', {
          method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
        }),
      })
      const call = (url: string, body?: unknown) => body === undefined
        ? queryClient.fetchQuery({ queryKey: [url], queryFn: () => load<unknown>(url) })
        : create.mutateAsync(body)
      Object.assign(globalThis, { call, gw, remembered: () => queryClient.getQueryCache().getAll().length })
      const code = error instanceof AnswerError ? error.problem?.code : undefined
      return <p>{[status, failureCount, code, error?.message].filter((each) => each !== undefined).join(' ')}</p>
    }

    createRoot(document.getElementById('app')!).render(
      <QueryClientProvider client={queryClient}><Result /></QueryClientProvider>,
    )`,
}
