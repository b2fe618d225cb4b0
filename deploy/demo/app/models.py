"""Tables and the database session."""

import os
from collections.abc import Iterator

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, create_engine, func
from sqlalchemy.orm import Session, declarative_base, sessionmaker

DATABASE_URL = os.environ.get("TODOS_DATABASE_URL", "sqlite:///./todos.db")

# Endpoints run in worker threads; SQLAlchemy's pool hands a connection to one of them at a time.
engine = create_engine(
    DATABASE_URL,
    connect_args={"check_same_thread": False, "timeout": 5} if DATABASE_URL.startswith("sqlite") else {},
)
SessionLocal = sessionmaker(bind=engine, autoflush=False)
Base = declarative_base()


class User(Base):
    """Somebody we have seen. The primary key is the id that the token's `sub` carries."""

    __tablename__ = "users"

    id = Column(String(128), primary_key=True)
    email = Column(String(320), nullable=True)
    first_seen = Column(DateTime, server_default=func.now(), nullable=False)


class Todo(Base):
    __tablename__ = "todos"

    id = Column(Integer, primary_key=True)
    owner_id = Column(String(128), ForeignKey("users.id"), nullable=False, index=True)
    title = Column(String(200), nullable=False)
    done = Column(Boolean, nullable=False, default=False)


Base.metadata.create_all(engine)


def get_db() -> Iterator[Session]:
    with SessionLocal() as db:
        yield db
