/** Where tickets are kept. Both methods reject when they cannot be sure. */
export interface TicketStore {
  /** @param digest of the ticket: who reads the store has no ticket */
  put(digest: string, value: string, ttlMs: number): Promise<void>
  /** Gives a value back and removes it, so that of all who ask at once, on whatever node, one gets it. null: there is none. */
  take(digest: string): Promise<string | null>
}
