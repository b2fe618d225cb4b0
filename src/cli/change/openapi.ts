import { readFileSync } from 'node:fs'
import { request as requestHttp, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { StartupError } from '../../errors/startup.ts'
import { readOpenApi, type ApiDocument } from '../../openapi/read.ts'

const timeoutMs = 10_000
const maxBytes = 20 * 1024 * 1024

/**
 * Reads FastAPI's OpenAPI document from a file or an http(s) URL. Redirects are not followed.
 * @param host what `Host` says, so that an application that checks it answers; null: that of the URL
 *
 * Throws `StartupError` with what stands in the way.
 */
export async function loadOpenApi(from: string, host: string | null): Promise<ApiDocument> {
  const text = /^https?:\/\//i.test(from) ? await fetchText(from, host) : readText(from)
  const document = readOpenApi(text)
  if (document === null) throw new StartupError(`${from} is no OpenAPI 3 document in JSON`)
  return document
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code = 'reading failed' } = error as NodeJS.ErrnoException
    throw new StartupError(`${file} cannot be read: ${code}`)
  }
}

function fetchText(url: string, host: string | null): Promise<string> {
  const refuse = (why: string): StartupError => new StartupError(`${withoutSecrets(url)}: ${why}`)
  if (!URL.canParse(url)) throw refuse('this is no URL')
  const options: RequestOptions = {
    headers: { accept: 'application/json', ...(host === null ? {} : { host }) },
    signal: AbortSignal.timeout(timeoutMs),
  }
  const send = new URL(url).protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const fail = (error: Error & { code?: string }): void => {
      const why = error.name === 'TimeoutError' || error.code === 'ABORT_ERR'
      reject(refuse(why ? `no answer within ${timeoutMs / 1000} s` : (error.code ?? 'no answer')))
    }
    send(url, options, (response) => {
      const { statusCode = 0 } = response
      if (statusCode !== 200) {
        response.destroy()
        reject(refuse(`answers ${statusCode}; name another place with --openapi`))
        return
      }
      const pieces: Buffer[] = []
      let length = 0
      response.on('data', (piece: Buffer) => {
        length += piece.length
        pieces.push(piece)
        if (length <= maxBytes) return
        response.destroy()
        reject(refuse(`larger than ${maxBytes / 1024 ** 2} MB`))
      })
      response.on('error', fail)
      response.on('end', () => {
        resolve(Buffer.concat(pieces).toString('utf8'))
      })
    })
      .on('error', fail)
      .end()
  })
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//')
}
