import type { ReactNode } from 'react'
import { Card } from '../parts/card.tsx'
import { QueryState } from '../parts/query-state.tsx'
import { TodoForm } from './todo-form.tsx'
import { TodoItem } from './todo-item.tsx'
import { useTodos } from './use-todos.ts'

export function Todos(): ReactNode {
  const query = useTodos()
  const todos = query.data ?? []
  const open = todos.filter(({ done }) => !done).length
  return (
    <Card title="Todos" className="todos" aside={<Count open={open} all={todos.length} />}>
      <TodoForm />
      <QueryState query={query} what="your todos" />
      {todos.length > 0 ? (
        <ul className="todo-list">
          {todos.map((todo) => (
            <TodoItem key={todo.id} todo={todo} />
          ))}
        </ul>
      ) : (
        query.isSuccess && (
          <p className="empty">Nothing to do. What you add shows up in every tab you have open.</p>
        )
      )}
    </Card>
  )
}

function Count({ open, all }: { readonly open: number; readonly all: number }): ReactNode {
  if (all === 0) return null
  return <span className="count">{open === 0 ? 'all done' : `${open} open`}</span>
}
