import { useState, type ReactNode } from 'react'
import { settings } from '../gateway.ts'
import { explain } from '../http/errors.ts'
import { useAccessTokens } from '../panel/tokens.ts'
import { Card } from '../parts/card.tsx'
import { useNow } from '../parts/time.ts'
import type { Attempt } from './attempts.ts'

interface Answer {
  readonly status: string
  readonly isGood: boolean
  readonly body: string
}

const path = '/api/me'

/** Requests that the gateway has an opinion of, and its raw answers. */
export function TryTheDoor({ attempts }: { readonly attempts: readonly Attempt[] }): ReactNode {
  const [answer, setAnswer] = useState<Answer | null>(null)
  return (
    <Card title="Try the door" className="door" aside={<code>GET {path}</code>}>
      <Attempts
        attempts={attempts}
        onTry={(init) => {
          void send(init).then(setAnswer)
        }}
      />
      <div role="status" className="answer">
        {answer === null ? (
          <p className="empty">The raw answer of the gateway appears here.</p>
        ) : (
          <>
            <p className={answer.isGood ? 'good' : 'bad'}>{answer.status}</p>
            <pre tabIndex={0} aria-label="The answer">
              {answer.body}
            </pre>
          </>
        )}
      </div>
    </Card>
  )
}

interface AttemptsProps {
  readonly attempts: readonly Attempt[]
  readonly onTry: (init: RequestInit) => void
}

function Attempts({ attempts, onTry }: AttemptsProps): ReactNode {
  const tokens = useAccessTokens()
  // That a token has expired is found out by looking again.
  useNow()
  const prepared = attempts.map((attempt) => ({ ...attempt, init: attempt.prepare(tokens) }))
  const shown = prepared.filter(({ init }) => init !== null || settings.mode === 'bearer')
  return (
    <div className="attempts">
      {shown.map(({ name, hint, init }) => (
        <button
          key={name}
          type="button"
          className="button quiet attempt"
          disabled={init === null}
          onClick={() => {
            onTry(init ?? {})
          }}
        >
          {name}
          <small>{init === null ? 'none has expired yet' : hint}</small>
        </button>
      ))}
    </div>
  )
}

async function send(init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(path, init)
    const text = await response.text()
    const code = response.headers.get('x-sallyport-code')
    const status = `${response.status}${code === null ? '' : ` ${code}`}`
    return { status, isGood: response.ok, body: pretty(text) }
  } catch (error) {
    return { status: 'no answer', isGood: false, body: explain(error as Error) ?? '' }
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text.slice(0, 2000)
  }
}
