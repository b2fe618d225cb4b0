import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where shots go. */
export interface Door {
  readonly host: string
  readonly port: number
  /** The listener speaks TLS; its certificate is not looked at: it is on this machine. */
  readonly isTls: boolean
}

/** How long nothing has to come until it is certain that nothing does, milliseconds: before the first byte, and after it. */
const patience = { firstByteMs: 3000, idleMs: 150 } as const

/**
 * Sends bytes on a connection of their own and resolves with everything that came back, when the other side has closed or says no more. Text stands for
 * bytes, one character each. Rejects when nobody listens.
 */
export function fire(door: Door, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = open(door, () => socket.write(bytes, 'latin1'))
    let text = ''
    let isConnected = false
    const stop = (): void => {
      socket.destroy()
    }
    let timer = setTimeout(stop, patience.firstByteMs)
    socket.once('connect', () => (isConnected = true))
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      clearTimeout(timer)
      timer = setTimeout(stop, patience.idleMs)
    })
    socket.on('error', (error) => {
      if (!isConnected) reject(error)
    })
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
  })
}

function open({ host, port, isTls }: Door, onOpen: () => void): Socket {
  if (!isTls) return connectTcp({ host, port, noDelay: true }, onOpen)
  return connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }, onOpen)
}
