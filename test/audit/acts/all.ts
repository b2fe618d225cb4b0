import type { Act } from './act.ts'
import { administration } from './administration.ts'
import { factors } from './factors.ts'
import { organizations } from './organizations.ts'
import { own } from './own.ts'
import { signIns } from './sign-ins.ts'

/** Everything that people and administrators do. */
export const acts: readonly Act[] = [
  ...signIns,
  ...factors,
  ...own,
  ...administration,
  ...organizations,
]
