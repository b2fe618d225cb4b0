import { useState, type ReactNode } from 'react'
import { Card } from '../parts/card.tsx'
import { ConnectionBadge } from './connection.tsx'
import { Messages } from './messages.tsx'
import { nameOf, useChat, type Chat as ChatState } from './use-chat.ts'

export function Chat({ me }: { readonly me: string }): ReactNode {
  const { messages, people, connection, send } = useChat()
  const isLive = connection.state === 'live'
  return (
    <Card title="Chat" className="chat" aside={<ConnectionBadge connection={connection} />}>
      <Messages messages={messages} isLive={isLive} me={me} />
      <p className="people">{people.length > 0 && `Here: ${people.map(nameOf).join(', ')}`}</p>
      <ChatForm isOpen={isLive} send={send} />
    </Card>
  )
}

function ChatForm({
  isOpen,
  send,
}: Pick<ChatState, 'send'> & { readonly isOpen: boolean }): ReactNode {
  const [text, setText] = useState('')
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        const words = text.trim()
        if (words !== '' && send(words)) setText('')
      }}
    >
      <input
        className="input"
        aria-label="Message"
        placeholder={isOpen ? 'Say something' : 'Not connected'}
        maxLength={500}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
        }}
      />
      <button type="submit" className="button" disabled={!isOpen}>
        Send
      </button>
    </form>
  )
}
