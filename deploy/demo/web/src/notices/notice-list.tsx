import { useEffect, type ReactNode } from 'react'
import { useStore } from '../parts/store.ts'
import { dismiss, notices, type Notice } from './notices.ts'

const shownMs = 12_000

/** What went wrong lately, at the edge of the window. Read aloud as it comes; goes away by itself. */
export function NoticeList(): ReactNode {
  const list = useStore(notices)
  return (
    <div className="notices" role="status" aria-live="polite">
      {list.map((notice) => (
        <NoticeItem key={notice.id} notice={notice} />
      ))}
    </div>
  )
}

function NoticeItem({ notice }: { readonly notice: Notice }): ReactNode {
  const { id, text } = notice
  useEffect(() => {
    const timer = setTimeout(() => {
      dismiss(id)
    }, shownMs)
    return () => {
      clearTimeout(timer)
    }
  }, [id])
  return (
    <div className="notice">
      <span>{text}</span>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss"
        onClick={() => {
          dismiss(id)
        }}
      >
        ×
      </button>
    </div>
  )
}
