import type { Test } from 'tap'
import { pythonEval } from '../../fastapi/python.ts'

export interface Account {
  readonly email: string
  readonly password: string
  /** Which hash: of pwdlib, as the templates have it, or of passlib, as they had it. */
  readonly way: 'argon2' | 'bcrypt' | 'passlib bcrypt' | 'passlib argon2'
  readonly active?: boolean
  readonly superuser?: boolean
  readonly verified?: boolean
  readonly name?: string
}

/** A user as the application knows it. */
export interface Made {
  readonly id: string
  readonly email: string
  readonly hash: string
}

// What both have in common. passlib's bcrypt asks the newest bcrypt for what it no longer does; its own is as good.
const head = `
import asyncio, csv, json, os, sys, uuid
from datetime import datetime, timezone
os.environ["PASSLIB_BUILTIN_BCRYPT"] = "enabled"
from passlib.hash import argon2 as passlib_argon2, bcrypt as passlib_bcrypt
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
passlib_bcrypt.set_backend("builtin")

given = json.load(sys.stdin)
hashers = {
    "argon2": PasswordHash((Argon2Hasher(),)).hash,
    "bcrypt": PasswordHash((BcryptHasher(rounds=10),)).hash,
    "passlib bcrypt": passlib_bcrypt.using(rounds=5, ident="2b").hash,
    "passlib argon2": passlib_argon2.hash,
}
`

const tail = `
if given["csv"]:
    with engine.connect() as connection:
        found = connection.execute(User.__table__.select())
        with open(given["csv"], "w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(found.keys())
            writer.writerows(found)
print(json.dumps(made))
`

const template = `
from sqlalchemy import DateTime
from sqlmodel import Field, Session, SQLModel, create_engine

class UserBase(SQLModel):
    email: str = Field(unique=True, index=True, max_length=255)
    is_active: bool = True
    is_superuser: bool = False
    full_name: str | None = Field(default=None, max_length=255)

class User(UserBase, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    hashed_password: str
    created_at: datetime | None = Field(
        default_factory=lambda: datetime.now(timezone.utc), sa_type=DateTime(timezone=True)
    )

class Item(SQLModel, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    owner_id: uuid.UUID = Field(foreign_key="user.id", nullable=False, ondelete="CASCADE")

engine = create_engine(given["url"])
SQLModel.metadata.create_all(engine)
made = []
with Session(engine) as session:
    for each in given["accounts"]:
        user = User(
            email=each["email"],
            hashed_password=hashers[each["way"]](each["password"]),
            is_active=each.get("active", True),
            is_superuser=each.get("superuser", False),
            full_name=each.get("name"),
        )
        session.add(user)
        session.commit()
        session.add(Item(owner_id=user.id))
        session.commit()
        made.append({"id": str(user.id), "email": user.email, "hash": user.hashed_password})
`

// The table is the one that the package's documentation has, with the columns of its base class; its manager makes the rows.
const fastapiUsers = `
from fastapi_users import BaseUserManager, UUIDIDMixin, schemas
from fastapi_users.db import BaseUserDatabase
from sqlalchemy import CHAR, Boolean, String, create_engine
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "user"
    id: Mapped[str] = mapped_column(
        CHAR(36).with_variant(UUID(as_uuid=False), "postgresql"),
        primary_key=True,
        default=lambda: str(uuid.uuid4()),
    )
    email: Mapped[str] = mapped_column(String(320), unique=True, index=True)
    hashed_password: Mapped[str] = mapped_column(String(1024))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_superuser: Mapped[bool] = mapped_column(Boolean, default=False)
    is_verified: Mapped[bool] = mapped_column(Boolean, default=False)

class Database(BaseUserDatabase):
    def __init__(self, session):
        self.session = session
    async def get_by_email(self, email):
        return None
    async def create(self, fields):
        user = User(**fields)
        self.session.add(user)
        self.session.commit()
        return user

class Manager(UUIDIDMixin, BaseUserManager):
    pass

engine = create_engine(given["url"])
Base.metadata.create_all(engine)
made = []
with Session(engine) as session:
    manager = Manager(Database(session))
    for each in given["accounts"]:
        wanted = schemas.BaseUserCreate(
            email=each["email"],
            password=each["password"],
            is_active=each.get("active", True),
            is_superuser=each.get("superuser", False),
            is_verified=each.get("verified", False),
        )
        user = asyncio.run(manager.create(wanted))
        made.append({"id": user.id, "email": user.email, "hash": user.hashed_password})
`

const scripts = { template, fastapiUsers }

/**
 * Has Python make a table of users. Null where there is no Python with what that takes: skipped as everywhere.
 * @param database of SQLAlchemy
 * @param csv a file into which the table is written besides
 */
export async function makeTable(
  t: Test,
  which: keyof typeof scripts,
  accounts: readonly Account[],
  { database, csv = '' }: { readonly database: string; readonly csv?: string },
): Promise<readonly Made[] | null> {
  const own = which === 'template' ? ['sqlmodel'] : ['fastapi_users']
  const driver = database.startsWith('postgresql') ? ['psycopg2'] : []
  const printed = await pythonEval(t, {
    script: head + scripts[which] + tail,
    input: JSON.stringify({ url: database, accounts, csv }),
    modules: ['sqlalchemy', 'pwdlib', 'passlib', ...own, ...driver],
  })
  return printed === null ? null : (JSON.parse(printed) as Made[])
}

/** The same place as SQLAlchemy writes it. */
export function forPython(url: string): string {
  return url.replace(/^postgres:/, 'postgresql+psycopg2:')
}
