import { useCallback, useState } from 'react'
import { gateway } from '../gateway.ts'
import { notify } from '../notices/notices.ts'
import { useStream, type Connection } from './connection.tsx'

/** As FastAPI read it from the token: nobody says who they are in a message. */
export interface Person {
  readonly id: string
  readonly name: string | null
  /** Only once it has been verified. */
  readonly email: string | null
}

export interface ChatMessage {
  readonly id: number
  readonly at: string
  readonly from: Person
  readonly text: string
}

type Frame =
  | { readonly type: 'hello'; readonly you: Person; readonly history: readonly ChatMessage[] }
  | { readonly type: 'message'; readonly message: ChatMessage }
  | { readonly type: 'people'; readonly people: readonly Person[] }
  | { readonly type: 'refused'; readonly detail: string }

export interface Chat {
  readonly messages: readonly ChatMessage[]
  readonly people: readonly Person[]
  readonly connection: Connection
  /** False: it is not open, and nothing was sent. */
  readonly send: (text: string) => boolean
}

const kept = 100

export function useChat(): Chat {
  const [messages, setMessages] = useState<readonly ChatMessage[]>([])
  const [people, setPeople] = useState<readonly Person[]>([])
  const open = useCallback(() => {
    const socket = gateway.webSocket('/api/chat')
    socket.addEventListener('message', (event: MessageEvent<string>) => {
      const frame = JSON.parse(event.data) as Frame
      switch (frame.type) {
        case 'hello':
          // After a reconnect this brings what was missed.
          setMessages(frame.history)
          return
        case 'message':
          setMessages((known) => [...known, frame.message].slice(-kept))
          return
        case 'people':
          setPeople(frame.people)
          return
        case 'refused':
          notify(frame.detail)
      }
    })
    return socket
  }, [])
  const { stream, connection } = useStream(open)
  const send = (text: string): boolean => {
    if (stream?.readyState !== WebSocket.OPEN) return false
    stream.send(JSON.stringify({ text }))
    return true
  }
  const isLive = connection.state === 'live'
  return { messages, people: isLive ? people : [], connection, send }
}

export function nameOf({ id, name, email }: Person): string {
  return name ?? email ?? id.slice(0, 8)
}
