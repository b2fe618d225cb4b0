"""What happens to your todos, as it happens: Server-Sent Events and a WebSocket."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Optional

from fastapi import APIRouter, Depends, HTTPException, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

from .auth import Caller, live_caller

router = APIRouter(tags=["live"])

HEARTBEAT_SECONDS = 15
BACKLOG = 100


class Hub:
    """Carries changes from the endpoints, which run in worker threads, to the listeners on the event loop."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue]] = defaultdict(set)
        self._loop: Optional[asyncio.AbstractEventLoop] = None

    def subscribe(self, user_id: str) -> asyncio.Queue:
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue = asyncio.Queue(maxsize=BACKLOG)
        self._queues[user_id].add(queue)
        return queue

    def unsubscribe(self, user_id: str, queue: asyncio.Queue) -> None:
        self._queues[user_id].discard(queue)
        if not self._queues[user_id]:
            del self._queues[user_id]

    def publish(self, user_id: str, event: dict) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._deliver, user_id, event)

    def _deliver(self, user_id: str, event: dict) -> None:
        for queue in self._queues.get(user_id, ()):
            # A listener that does not keep up misses events; it does not make the others wait.
            if not queue.full():
                queue.put_nowait(event)


hub = Hub()


async def event_stream(caller: Caller) -> AsyncIterator[str]:
    queue = hub.subscribe(caller.id)
    try:
        yield f"event: hello\ndata: {json.dumps({'user': caller.id})}\n\n"
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                yield f"event: todo\ndata: {json.dumps(event)}\n\n"
            except asyncio.TimeoutError:
                yield ": still here\n\n"
    finally:
        hub.unsubscribe(caller.id, queue)


@router.get("/api/events")
async def events(caller: Caller = Depends(live_caller)) -> StreamingResponse:
    return StreamingResponse(
        event_stream(caller), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


@router.websocket("/api/ws")
async def socket(websocket: WebSocket) -> None:
    """Greets, echoes what it is sent, and tells of changed todos."""
    try:
        caller = live_caller(websocket)
    except HTTPException:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    queue = hub.subscribe(caller.id)
    forwarding = asyncio.create_task(forward(websocket, queue))
    try:
        await websocket.send_json({"type": "hello", "user": caller.id})
        while True:
            await websocket.send_json({"type": "echo", "text": await websocket.receive_text()})
    except WebSocketDisconnect:
        pass
    finally:
        forwarding.cancel()
        hub.unsubscribe(caller.id, queue)


async def forward(websocket: WebSocket, queue: asyncio.Queue) -> None:
    while True:
        await websocket.send_json(await queue.get())
