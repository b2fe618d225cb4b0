import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One package as it lies on the disk. */
export interface InstalledPackage {
  readonly name: string
  readonly version: string
  /** Its folder. */
  readonly folder: string
}

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * The packages that the code of a package would load: its dependencies, theirs, and so on, each looked for as Node does, from the folder of who needs it upwards. Each copy
 * once; what is not installed is left out. The versions are those of the `package.json` of the installed packages.
 * @param root the folder of the package to begin with, which is not part of the answer
 */
export function installedPackages(root: string): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>()
  const visit = (folder: string, manifest: Manifest): void => {
    const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
    for (const name of names) {
      const copy = findCopy(name, folder)
      if (copy === null || found.has(copy.folder)) continue
      const { version = '' } = copy.manifest
      found.set(copy.folder, { name, version, folder: copy.folder })
      visit(copy.folder, copy.manifest)
    }
  }
  visit(root, readManifest(root) ?? {})
  return [...found.values()]
}

function findCopy(
  name: string,
  from: string,
): { readonly folder: string; readonly manifest: Manifest } | null {
  for (let place = from; ; place = dirname(place)) {
    const folder = join(place, 'node_modules', name)
    const manifest = readManifest(folder)
    if (manifest !== null) return { folder, manifest }
    if (dirname(place) === place) return null
  }
}

function readManifest(folder: string): Manifest | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  } catch {
    return null
  }
}
