"""A room to talk in: a WebSocket that carries JSON. Who says something is told by their token, never by what they send."""

import asyncio
import itertools
import json
from collections import deque
from typing import Optional

from fastapi import APIRouter, HTTPException, WebSocket
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from .auth import Caller, live_caller
from .live import now

router = APIRouter(tags=["chat"])

HISTORY = 50
BACKLOG = 100
MAX_LENGTH = 500


class Words(BaseModel):
    text: str = Field(min_length=1, max_length=MAX_LENGTH)


def view(caller: Caller) -> dict:
    return {"id": caller.id, "name": caller.name, "email": caller.email}


def offer(queue: asyncio.Queue, message: dict) -> None:
    # Whoever does not keep up misses what was said; the others do not wait.
    if queue.qsize() < BACKLOG:
        queue.put_nowait(message)


class Room:
    """Everybody who is here, and the last that was said. Used on the event loop only."""

    def __init__(self) -> None:
        self.history: deque[dict] = deque(maxlen=HISTORY)
        self._ids = itertools.count(1)
        self._members: dict[asyncio.Queue, Caller] = {}

    def enter(self, caller: Caller) -> asyncio.Queue:
        queue: asyncio.Queue = asyncio.Queue()
        self._members[queue] = caller
        offer(queue, {"type": "hello", "you": view(caller), "history": list(self.history)})
        self._tell({"type": "people", "people": self._people()})
        return queue

    def leave(self, queue: asyncio.Queue) -> None:
        del self._members[queue]
        self._tell({"type": "people", "people": self._people()})

    def say(self, caller: Caller, text: str) -> None:
        message = {"id": next(self._ids), "at": now(), "from": view(caller), "text": text}
        self.history.append(message)
        self._tell({"type": "message", "message": message})

    def _people(self) -> list[dict]:
        """Each person once, however many windows they have open."""
        return list({caller.id: view(caller) for caller in self._members.values()}.values())

    def _tell(self, message: dict) -> None:
        for queue in self._members:
            offer(queue, message)


room = Room()


def read_words(raw: str) -> Optional[str]:
    try:
        return Words(**json.loads(raw)).text.strip() or None
    except (ValueError, TypeError, RecursionError):
        return None


async def send_all(websocket: WebSocket, queue: asyncio.Queue) -> None:
    while True:
        await websocket.send_json(await queue.get())


@router.websocket("/api/chat")
async def chat(websocket: WebSocket) -> None:
    try:
        caller = await run_in_threadpool(live_caller, websocket)
    except HTTPException:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    queue = room.enter(caller)
    sending = asyncio.create_task(send_all(websocket, queue))
    try:
        async for raw in websocket.iter_text():
            words = read_words(raw)
            if words is None:
                detail = f"A message is JSON with `text` of 1 to {MAX_LENGTH} characters."
                offer(queue, {"type": "refused", "detail": detail})
            else:
                room.say(caller, words)
    except KeyError:
        # What was sent is no text.
        await websocket.close(code=1003)
    finally:
        room.leave(queue)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
