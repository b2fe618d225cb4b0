import { useQueryClient } from '@tanstack/react-query'
import { useEffect, type ReactNode } from 'react'
import { log } from '../gateway.ts'
import { QueryState } from '../parts/query-state.tsx'
import { useStore } from '../parts/store.ts'
import { toDuration, useNow } from '../parts/time.ts'
import { meKey, useMe, type Me } from './use-me.ts'

/** Who FastAPI thinks is calling, and by what. */
export function Received({ isOver }: { readonly isOver: boolean }): ReactNode {
  const query = useMe()
  const client = useQueryClient()
  const refreshed = useStore(log).find(({ event }) => event.type === 'refreshed')?.id
  useEffect(() => {
    if (refreshed !== undefined) void client.invalidateQueries({ queryKey: meKey })
  }, [refreshed, client])
  return (
    <section aria-labelledby="received-title">
      <h3 id="received-title">What FastAPI received</h3>
      <QueryState query={query} what="what FastAPI received" />
      {query.data !== undefined && <Facts me={query.data} />}
      <button
        type="button"
        className="button small quiet"
        disabled={query.isFetching || isOver}
        onClick={() => void query.refetch()}
      >
        Ask FastAPI again
      </button>
    </section>
  )
}

function Facts({ me }: { readonly me: Me }): ReactNode {
  const left = me.claims.exp * 1000 - useNow()
  return (
    <dl className="facts">
      <div>
        <dt>X-User-Id</dt>
        <dd>{me.from_header ?? '(absent)'}</dd>
      </div>
      {Object.entries(me.claims).map(([claim, value]) => (
        <div key={claim}>
          <dt>{claim}</dt>
          <dd>
            {typeof value === 'string' ? value : JSON.stringify(value)}
            {claim === 'exp' && <em> {left > 0 ? `in ${toDuration(left)}` : 'over'}</em>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
