"""What happens to your todos, as it happens: Server-Sent Events that a reader takes up where it left off."""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Optional

from fastapi import APIRouter, Depends, Header
from fastapi.responses import StreamingResponse

from .auth import Caller, live_caller

router = APIRouter(tags=["live"])

HEARTBEAT_SECONDS = 15
KEPT_EVENTS = 1000
BACKLOG = 100


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Event:
    id: int
    user_id: str
    data: dict

    def text(self) -> str:
        return f"id: {self.id}\nevent: todo\ndata: {json.dumps(self.data)}\n\n"


class Hub:
    """Carries changes from the endpoints, which run in worker threads, to the listeners on the event loop."""

    def __init__(self) -> None:
        # Ids go on growing when the application starts anew: nobody makes a thousand changes a second.
        self.last_id = int(time.time() * 1000)
        # Whatever came after this id is still kept.
        self._floor = self.last_id
        self._kept: deque[Event] = deque()
        self._queues: dict[str, set[asyncio.Queue]] = defaultdict(set)
        self._loop: Optional[asyncio.AbstractEventLoop] = None

    def subscribe(self, user_id: str) -> asyncio.Queue:
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue = asyncio.Queue()
        self._queues[user_id].add(queue)
        return queue

    def unsubscribe(self, user_id: str, queue: asyncio.Queue) -> None:
        self._queues[user_id].discard(queue)
        if not self._queues[user_id]:
            del self._queues[user_id]

    def missed(self, user_id: str, last_id: Optional[int]) -> Optional[list[Event]]:
        """What a reader of `last_id` has not seen; None when that is not known any more."""
        if last_id is None or not self._floor <= last_id <= self.last_id:
            return None
        return [event for event in self._kept if event.user_id == user_id and event.id > last_id]

    def publish(self, user_id: str, data: dict) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._deliver, user_id, {**data, "at": now()})

    def _deliver(self, user_id: str, data: dict) -> None:
        self.last_id += 1
        event = Event(self.last_id, user_id, data)
        self._kept.append(event)
        if len(self._kept) > KEPT_EVENTS:
            self._floor = self._kept.popleft().id
        for queue in self._queues.get(user_id, ()):
            # A listener that does not keep up is sent away, and comes back for what it missed.
            if queue.qsize() < BACKLOG:
                queue.put_nowait(event)
            elif queue.qsize() == BACKLOG:
                queue.put_nowait(None)


hub = Hub()


def read_event_id(last_event_id: Optional[str] = Header(default=None)) -> Optional[int]:
    """The browser's word for where it left off. One that is none of ours counts as none at all."""
    text = last_event_id or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def greeting(caller: Caller, is_resumed: bool) -> str:
    # Who resumes keeps its place until what it missed has reached it.
    place = "" if is_resumed else f"id: {hub.last_id}\n"
    data = json.dumps({"user": caller.id, "resumed": is_resumed})
    return f"{place}event: hello\nretry: 2000\ndata: {data}\n\n"


async def event_stream(caller: Caller, last_id: Optional[int]) -> AsyncIterator[str]:
    queue = hub.subscribe(caller.id)
    try:
        missed = hub.missed(caller.id, last_id)
        yield greeting(caller, missed is not None)
        for event in missed or ():
            yield event.text()
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
            except asyncio.TimeoutError:
                yield ": still here\n\n"
                continue
            if event is None:
                return
            yield event.text()
    finally:
        # Here also when the client has left: the server cancels what it was waiting for.
        hub.unsubscribe(caller.id, queue)


@router.get("/api/events")
async def events(
    caller: Caller = Depends(live_caller), last_id: Optional[int] = Depends(read_event_id)
) -> StreamingResponse:
    return StreamingResponse(
        event_stream(caller, last_id),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )
