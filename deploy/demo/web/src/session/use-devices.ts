import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query'
import { leave } from '../gateway.ts'
import { request } from '../http/request.ts'

/** A session as Better Auth lists it. */
export interface Device {
  readonly id: string
  /** What it is revoked by. */
  readonly token: string
  readonly createdAt: string
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

const devicesKey = ['devices'] as const

export function useDevices(): UseQueryResult<readonly Device[]> {
  return useQuery({
    queryKey: devicesKey,
    queryFn: ({ signal }) => request<readonly Device[]>('/api/auth/list-sessions', { signal }),
  })
}

/** Ends one session, wherever it is. */
export function useRevoke(): UseMutationResult<unknown, Error, Device> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ token }: Device) =>
      request('/api/auth/revoke-session', { method: 'POST', body: { token } }),
    onSettled: () => client.invalidateQueries({ queryKey: devicesKey }),
  })
}

export function useSignOut(): UseMutationResult<unknown, Error, 'here' | 'everywhere'> {
  return useMutation({
    mutationFn: async (where: 'here' | 'everywhere') => {
      // The others first: whoever is told that this failed is still signed in and can try again.
      if (where === 'everywhere') {
        await request('/api/auth/revoke-other-sessions', { method: 'POST', body: {} })
      }
      await leave()
    },
  })
}
