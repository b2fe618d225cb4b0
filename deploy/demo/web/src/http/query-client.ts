import { MutationCache, QueryClient } from '@tanstack/react-query'
import { end } from '../gateway.ts'
import { notify } from '../notices/notices.ts'
import { ApiError, explain, isWorthRepeating } from './errors.ts'

const attempts = 5
const mostMs = 15_000

/** What TanStack Query knows for one person. What is read is tried again where that helps; what is written is not: it may have arrived. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    mutationCache: new MutationCache({
      onError: (error) => {
        notify(explain(error))
      },
    }),
    defaultOptions: {
      queries: {
        // When the session is over, what is there stays, and nobody is asked.
        enabled: () => end.current === null,
        staleTime: 10_000,
        retry: (failures, error) => failures < attempts && isWorthRepeating(error),
        retryDelay: (failures, error) =>
          (error instanceof ApiError ? error.retryAfterMs : null) ??
          Math.min(1000 * 2 ** failures, mostMs),
      },
      mutations: { retry: false },
    },
  })
}
