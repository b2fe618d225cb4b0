import type { Who } from '../../ops/audit/event.ts'
import type { AuthReply } from '../mount.ts'

/** A request to Better Auth, as far as the audit log is concerned. */
export interface Asked {
  readonly method: string
  /** Below `auth.path`, without its query: `/sign-in/email`. */
  readonly path: string
  /** The JSON of the body; empty where it is none. Read only when it is needed. */
  readonly body: () => AuthReply['body']
  readonly requestId: string
  /** The client's. */
  readonly address: string
  readonly userAgent: string | null
}

/** How such a request ended. */
export interface Ended {
  readonly status: number
  /** Better Auth's code of a refusal, in its body or in the query of a redirect; null: none. */
  readonly code: string | null
}

/** Whose session a request came with. */
export interface Acting {
  readonly userId: string
  readonly sessionId: string
  /** Who acts as that user; null: nobody does. */
  readonly impersonatedBy: string | null
}

/** What somebody wrote of a user, as far as it is of interest. */
export interface UserFields {
  readonly email?: unknown
  readonly emailVerified?: unknown
  readonly banned?: unknown
  readonly banExpires?: unknown
  readonly role?: unknown
  readonly twoFactorEnabled?: unknown
}

interface Seen {
  readonly endpoint: { readonly pattern: string; readonly acting: Acting | null }
  readonly 'session-created': {
    readonly sessionId: string
    readonly userId: string
    readonly impersonatedBy: string | null
  }
  readonly 'session-ended': { readonly sessionId: string; readonly userId: string }
  readonly 'user-created': { readonly userId: string }
  readonly 'user-revoked': { readonly userId: string }
  readonly 'user-deleted': { readonly userId: string }
  readonly 'user-updated': { readonly userId: string; readonly fields: UserFields }
  /** `isNew`: the account had none before. */
  readonly 'password-written': { readonly userId: string; readonly isNew: boolean }
  readonly 'key-created': KeySeen
  readonly 'key-deleted': KeySeen
  readonly 'member-added': MemberSeen
  readonly 'member-changed': MemberSeen
  readonly 'member-removed': MemberSeen
}

interface KeySeen {
  readonly keyId: string
  readonly userId: string | null
}

interface MemberSeen {
  readonly userId: string
  readonly organizationId: string
  readonly roles: string | null
}

/** One thing that was seen while Better Auth worked. */
export type NoteOf<K extends keyof Seen> = { [Kind in K]: { readonly kind: Kind } & Seen[Kind] }[K]
export type Note = NoteOf<keyof Seen>

/** Whoever did what was not asked for by a request. */
export type Alone = Pick<Who, 'actor' | 'via' | 'address' | 'requestId' | 'userAgent'>
