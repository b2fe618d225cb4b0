import { useEffect, useRef, type ReactNode } from 'react'
import { toShortTime } from '../parts/time.ts'
import { nameOf, type ChatMessage } from './use-chat.ts'

export interface MessagesProps {
  readonly messages: readonly ChatMessage[]
  readonly isLive: boolean
  /** Id of whoever looks. */
  readonly me: string
}

/** What was said, the latest in view. */
export function Messages({ messages, isLive, me }: MessagesProps): ReactNode {
  const list = useRef<HTMLDivElement>(null)
  const last = messages.at(-1)?.id
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [last])
  return (
    // What scrolls must be reached by keyboard.
    <div className="messages" ref={list} role="log" aria-label="Messages" tabIndex={0}>
      {isLive && messages.length === 0 && (
        <p className="empty">Say hello. Open a second window to answer.</p>
      )}
      <ol>
        {messages.map((message, index) => (
          <Message
            key={message.id}
            message={message}
            isMine={message.from.id === me}
            isFollowing={messages[index - 1]?.from.id === message.from.id}
          />
        ))}
      </ol>
    </div>
  )
}

interface MessageProps {
  readonly message: ChatMessage
  readonly isMine: boolean
  /** The one before is of the same person. */
  readonly isFollowing: boolean
}

function Message({ message, isMine, isFollowing }: MessageProps): ReactNode {
  const { from, text, at } = message
  return (
    <li className={isMine ? 'message mine' : 'message'}>
      {!isFollowing && (
        <p className="from" title={`User id ${from.id}`}>
          <b>{isMine ? 'You' : nameOf(from)}</b>
          {from.email !== null && from.email !== nameOf(from) && <span> {from.email}</span>}
        </p>
      )}
      <p className="bubble">
        {text}
        <time dateTime={at}>{toShortTime(Date.parse(at))}</time>
      </p>
    </li>
  )
}
