"""The application: `uvicorn app.main:app`. Needs JWT_SECRET, the secret that its tokens are signed with."""

import hashlib

from fastapi import Depends, FastAPI, Request

from . import chat, live, todos
from .auth import Caller, current_caller, current_user
from .models import User

app = FastAPI(title="Todos")
app.include_router(todos.router)
app.include_router(live.router)
app.include_router(chat.router)


@app.get("/health")
def health() -> dict:
    return {"status": "ok"}


@app.get("/api/me", tags=["users"])
def me(caller: Caller = Depends(current_caller), user: User = Depends(current_user)) -> dict:
    """Who am I? What the token says, and what the header says."""
    return {
        "id": user.id,
        "email": user.email,
        "name": caller.name,
        "from_header": caller.from_header,
        "first_seen": user.first_seen.isoformat(),
        "claims": caller.claims,
    }


@app.post("/api/uploads", tags=["uploads"])
async def upload(request: Request, caller: Caller = Depends(current_caller)) -> dict:
    """Reads a body of any size as it arrives and says what it was."""
    size, digest = 0, hashlib.sha256()
    async for chunk in request.stream():
        size += len(chunk)
        digest.update(chunk)
    return {"owner": caller.id, "bytes": size, "sha256": digest.hexdigest()}
