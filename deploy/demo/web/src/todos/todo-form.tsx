import { useState, type ReactNode } from 'react'
import { useAddTodo } from './use-todos.ts'

export function TodoForm(): ReactNode {
  const [title, setTitle] = useState('')
  const add = useAddTodo()
  const submit = (): void => {
    const wanted = title.trim()
    if (wanted === '') return
    setTitle('')
    // What was refused is given back, unless something else has been typed meanwhile.
    add.mutate(wanted, {
      onError: () => {
        setTitle((typed) => (typed === '' ? wanted : typed))
      },
    })
  }
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <input
        className="input"
        aria-label="New todo"
        placeholder="What is to do?"
        maxLength={200}
        autoComplete="off"
        value={title}
        onChange={(event) => {
          setTitle(event.target.value)
        }}
      />
      <button type="submit" className="button">
        Add
      </button>
    </form>
  )
}
