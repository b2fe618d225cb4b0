import type { ReactNode } from 'react'
import { useRemoveTodo, useToggleTodo, type Todo } from './use-todos.ts'

export function TodoItem({ todo }: { readonly todo: Todo }): ReactNode {
  const toggle = useToggleTodo()
  const remove = useRemoveTodo()
  // Until FastAPI has given it an id, nothing can be said about it.
  const isNew = todo.id < 0
  return (
    <li className={`todo${todo.done ? ' done' : ''}${isNew ? ' new' : ''}`}>
      <label>
        <input
          type="checkbox"
          checked={todo.done}
          disabled={isNew}
          onChange={() => {
            toggle.mutate(todo)
          }}
        />
        <span>{todo.title}</span>
      </label>
      <button
        type="button"
        className="icon-button"
        aria-label={`Delete ${todo.title}`}
        disabled={isNew}
        onClick={() => {
          remove.mutate(todo)
        }}
      >
        ×
      </button>
    </li>
  )
}
