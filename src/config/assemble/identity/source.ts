import { addedField, knownSources } from '../../../assertion/sources.ts'
import { parseAddedField } from '../../values/identity.ts'
import type { Path } from '../../yaml/places.ts'
import { suggest } from '../../yaml/suggest.ts'
import type { DocumentReader } from '../reader.ts'

/**
 * Notes a source that reads a field which users cannot have. Where somebody else's configuration may add it, the start
 * finds out. What is no source at all is the schema's to note.
 */
export function checkSource(reader: DocumentReader, path: Path): void {
  const source = reader.valueAt(path)
  if (typeof source !== 'string' || 'problem' in parseAddedField(source, '', [])) return
  const field = addedField(source)
  const mayBeAdded = isRemote(reader) || typeof reader.valueAt(['auth', 'module']) === 'string'
  if (field === null || mayBeAdded) return
  const problem = `users have no field ${JSON.stringify(field)}, and there is no auth.module to add it`
  reader.error(path, problem + suggest(source, knownSources))
}

const shared: readonly unknown[] = ['user.name', 'user.role', 'user.image']

/**
 * Notes a subject that would let one user pass for another. What users may set is known when Better Auth has been opened,
 * and of a remote one never: there the operator is told to look.
 */
export function checkSubject(reader: DocumentReader, path: Path): void {
  checkSource(reader, path)
  const source = reader.valueAt(path)
  if (typeof source !== 'string') return
  if (shared.includes(source)) {
    reader.error(path, `${source} does not tell users apart: several may have the same`)
  } else if (source === 'user.username') {
    reader.warn(
      path,
      'users choose this name: whoever takes one that FastAPI already knows becomes that user',
    )
  } else if (isRemote(reader) && source !== 'user.id' && source !== 'user.email') {
    reader.warn(
      path,
      `with mode: remote nobody checks that users cannot set ${source} themselves: it needs input: false there`,
    )
  }
}

function isRemote(reader: DocumentReader): boolean {
  return reader.valueAt(['auth', 'mode']) === 'remote'
}
