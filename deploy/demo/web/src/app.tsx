import { QueryClientProvider } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { Board } from './board.tsx'
import { createQueryClient } from './http/query-client.ts'
import { NoticeList } from './notices/notice-list.tsx'
import { StartPage } from './session/start-page.tsx'
import { useView } from './session/use-session.ts'

export function App(): ReactNode {
  return (
    <>
      <Page />
      <NoticeList />
    </>
  )
}

function Page(): ReactNode {
  const view = useView()
  switch (view.kind) {
    case 'unknown':
      return (
        <main className="waiting" aria-busy="true">
          <p role="status">One moment…</p>
        </main>
      )
    case 'signed-out':
      return <StartPage />
    case 'board':
      return (
        <ForOnePerson key={view.key}>
          <Board session={view.session} end={view.end} />
        </ForOnePerson>
      )
  }
}

/** Nothing that was fetched for one person is there for the next. */
function ForOnePerson({ children }: { readonly children: ReactNode }): ReactNode {
  const [client] = useState(createQueryClient)
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}
