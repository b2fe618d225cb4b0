import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Absolute paths of PEM files. */
export interface Pair {
  readonly certFile: string
  readonly keyFile: string
}

export interface Certificates {
  /** What `issue` signs with. */
  readonly caFile: string
  /** A certificate of that CA. @param names as `subjectAltName` writes them, for example `DNS:api.internal` */
  readonly issue: (name: string, names: string) => Pair
  /** A certificate that nobody vouches for. */
  readonly selfSigned: (name: string, names: string) => Pair
}

/**
 * Makes certificates in a folder of the test's, or returns null where there is no `openssl`: the test is then skipped aloud,
 * or fails when `CI=true`.
 */
export function makeCertificates(t: Test): Certificates | null {
  const folder = t.testdir({})
  const run = (args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  try {
    run(['version'])
  } catch {
    const message = 'no openssl: install the package "openssl"'
    if (process.env['CI'] === 'true') t.fail(message)
    else t.pass(message, { skip: message })
    return null
  }
  const pair = (name: string): Pair => ({
    certFile: join(folder, `${name}.crt`),
    keyFile: join(folder, `${name}.key`),
  })
  const sign = (name: string, extension: string, issuer: Pair | null): Pair => {
    const { certFile, keyFile } = pair(name)
    const signer = issuer === null ? [] : ['-CA', issuer.certFile, '-CAkey', issuer.keyFile]
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-addext', extension]
    run(['req', '-x509', ...key, ...subject, ...signer, '-keyout', keyFile, '-out', certFile])
    return { certFile, keyFile }
  }
  const ca = sign('ca', 'keyUsage=critical,keyCertSign', null)
  return {
    caFile: ca.certFile,
    issue: (name, names) => sign(name, `subjectAltName=${names}`, ca),
    selfSigned: (name, names) => sign(name, `subjectAltName=${names}`, null),
  }
}

/** A file with something else in it. */
export function scribble(t: Test, text: string): string {
  const file = join(t.testdir({}), 'file.pem')
  writeFileSync(file, text)
  return file
}
