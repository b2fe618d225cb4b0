"""Everybody's own list of todos."""

from typing import Optional

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from .auth import current_user
from .live import hub
from .models import Todo, User, get_db

router = APIRouter(prefix="/api/todos", tags=["todos"])


class NewTodo(BaseModel):
    title: str = Field(min_length=1, max_length=200)


class TodoChange(BaseModel):
    title: Optional[str] = Field(default=None, min_length=1, max_length=200)
    done: Optional[bool] = None


class TodoView(BaseModel):
    id: int
    title: str
    done: bool


def view(todo: Todo) -> dict:
    return {"id": todo.id, "title": todo.title, "done": todo.done}


def own_todo(todo_id: int, user: User = Depends(current_user), db: Session = Depends(get_db)) -> Todo:
    """Somebody else's todo is as absent as one that never was."""
    todo = db.get(Todo, todo_id)
    if todo is None or todo.owner_id != user.id:
        raise HTTPException(status_code=404, detail="Todo not found")
    return todo


@router.get("", response_model=list[TodoView])
def list_todos(user: User = Depends(current_user), db: Session = Depends(get_db)) -> list[dict]:
    todos = db.query(Todo).filter(Todo.owner_id == user.id).order_by(Todo.id)
    return [view(todo) for todo in todos]


@router.post("", status_code=201, response_model=TodoView)
def create_todo(new: NewTodo, user: User = Depends(current_user), db: Session = Depends(get_db)) -> dict:
    todo = Todo(owner_id=user.id, title=new.title, done=False)
    db.add(todo)
    db.commit()
    hub.publish(todo.owner_id, {"type": "created", "todo": view(todo)})
    return view(todo)


@router.patch("/{todo_id}", response_model=TodoView)
def change_todo(change: TodoChange, todo: Todo = Depends(own_todo), db: Session = Depends(get_db)) -> dict:
    if change.title is not None:
        todo.title = change.title
    if change.done is not None:
        todo.done = change.done
    db.commit()
    hub.publish(todo.owner_id, {"type": "changed", "todo": view(todo)})
    return view(todo)


@router.delete("/{todo_id}", status_code=204, response_class=Response)
def delete_todo(todo: Todo = Depends(own_todo), db: Session = Depends(get_db)) -> Response:
    owner_id, gone = todo.owner_id, view(todo)
    db.delete(todo)
    db.commit()
    hub.publish(owner_id, {"type": "deleted", "todo": gone})
    return Response(status_code=204)
