import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query'
import { request } from '../http/request.ts'

export interface Todo {
  /** Negative until FastAPI has given it one. */
  readonly id: number
  readonly title: string
  readonly done: boolean
}

type Todos = readonly Todo[]

export const todosKey = ['todos'] as const

export function useTodos(): UseQueryResult<Todos> {
  return useQuery({
    queryKey: todosKey,
    queryFn: ({ signal }) => request<Todos>('/api/todos', { signal }),
  })
}

/** Shows a change at once, sends it, and takes it back when it is refused. */
function useChange<Change>(
  send: (change: Change) => Promise<unknown>,
  apply: (todos: Todos, change: Change) => Todos,
): UseMutationResult<unknown, Error, Change, Todos | undefined> {
  const client = useQueryClient()
  return useMutation({
    mutationKey: todosKey,
    mutationFn: send,
    onMutate: async (change: Change) => {
      // An answer from before the change would undo it on the screen.
      await client.cancelQueries({ queryKey: todosKey })
      const before = client.getQueryData<Todos>(todosKey)
      client.setQueryData<Todos>(todosKey, apply(before ?? [], change))
      return before
    },
    onError: (_error, _change, before) => {
      client.setQueryData(todosKey, before)
    },
    onSettled: () => {
      const isLast = client.isMutating({ mutationKey: todosKey }) === 1
      // Not waited for: the change is done with, whatever becomes of the list.
      if (isLast) void client.invalidateQueries({ queryKey: todosKey })
    },
  })
}

export function useAddTodo(): UseMutationResult<unknown, Error, string, Todos | undefined> {
  return useChange<string>(
    (title) => request('/api/todos', { method: 'POST', body: { title } }),
    (todos, title) => [...todos, { id: freeId(todos), title, done: false }],
  )
}

export function useToggleTodo(): UseMutationResult<unknown, Error, Todo, Todos | undefined> {
  return useChange<Todo>(
    ({ id, done }) => request(`/api/todos/${id}`, { method: 'PATCH', body: { done: !done } }),
    (todos, { id }) => todos.map((todo) => (todo.id === id ? { ...todo, done: !todo.done } : todo)),
  )
}

export function useRemoveTodo(): UseMutationResult<unknown, Error, Todo, Todos | undefined> {
  return useChange<Todo>(
    ({ id }) => request(`/api/todos/${id}`, { method: 'DELETE' }),
    (todos, { id }) => todos.filter((todo) => todo.id !== id),
  )
}

function freeId(todos: Todos): number {
  return Math.min(0, ...todos.map(({ id }) => id)) - 1
}
