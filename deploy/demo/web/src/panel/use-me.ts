import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { request } from '../http/request.ts'

/** What FastAPI says of who is calling: it echoes the header and the claims that it received. */
export interface Me {
  readonly id: string
  readonly from_header: string | null
  readonly claims: {
    readonly sub: string
    /** Seconds since 1970. */
    readonly exp: number
    readonly sid?: string
    readonly [claim: string]: unknown
  }
}

export const meKey = ['me'] as const

export function useMe(): UseQueryResult<Me> {
  return useQuery({
    queryKey: meKey,
    queryFn: ({ signal }) => request<Me>('/api/me', { signal }),
  })
}
