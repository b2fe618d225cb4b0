"""Who is calling. The usual FastAPI dependency around PyJWT, as it was before there was a gateway."""

import os
from dataclasses import dataclass
from typing import Optional

import jwt
from fastapi import Depends, Header, HTTPException
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from .models import SessionLocal, User, get_db

SECRET = os.environ["JWT_SECRET"]


@dataclass(frozen=True)
class Caller:
    """What a verified request says about its sender."""

    id: str
    email: Optional[str]
    name: Optional[str]
    from_header: Optional[str]
    claims: dict


def unauthorized(detail: str) -> HTTPException:
    return HTTPException(status_code=401, detail=detail, headers={"WWW-Authenticate": "Bearer"})


def text_of(claims: dict, name: str) -> Optional[str]:
    value = claims.get(name)
    return value if isinstance(value, str) else None


def identify(authorization: Optional[str], x_user_id: Optional[str]) -> Caller:
    """Verifies the token and holds it against `X-User-Id`, when there is one. Raises a 401 otherwise."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("Not authenticated")
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    except jwt.PyJWTError:
        raise unauthorized("Could not validate credentials") from None
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise unauthorized("Could not validate credentials")
    if x_user_id is not None and x_user_id != subject:
        raise unauthorized("X-User-Id and the token name different users")
    return Caller(
        id=subject,
        email=text_of(claims, "email"),
        name=text_of(claims, "name"),
        from_header=x_user_id,
        claims=claims,
    )


def ensure_user(db: Session, caller: Caller) -> User:
    """The user's row, written when we see somebody for the first time."""
    user = db.get(User, caller.id)
    if user is None:
        user = User(id=caller.id, email=caller.email)
        db.add(user)
        try:
            db.commit()
        except IntegrityError:
            # Another request of the same new user was faster.
            db.rollback()
            user = db.get(User, caller.id)
    elif caller.email and user.email != caller.email:
        user.email = caller.email
        db.commit()
    return user


def current_caller(
    authorization: Optional[str] = Header(default=None),
    x_user_id: Optional[str] = Header(default=None),
) -> Caller:
    return identify(authorization, x_user_id)


def current_user(caller: Caller = Depends(current_caller), db: Session = Depends(get_db)) -> User:
    return ensure_user(db, caller)


def live_caller(connection: HTTPConnection) -> Caller:
    """For streams and WebSockets: the user's row is written, but no database session is held while they last."""
    caller = identify(connection.headers.get("authorization"), connection.headers.get("x-user-id"))
    with SessionLocal() as db:
        ensure_user(db, caller)
    return caller
