import { randomUUID } from 'node:crypto'
import t from 'tap'
import { signUp, startGateway, type Running, type SignedIn } from '../../helper/gateway.ts'
import { jwtSecret, mint } from '../../helper/token.ts'
import { sql } from '../../session/calls.ts'
import { serveScript } from '../script.ts'

// Applications that are built as their kind is built, behind a running gateway that speaks their dialect.

/** A new user whom the application knows by this name. */
async function signUpAs(gateway: Running, externalId: string): Promise<SignedIn> {
  const user = await signUp(gateway, `${randomUUID()}@example.com`)
  sql(gateway, 'UPDATE user SET externalId = ? WHERE id = ?', externalId, user.id)
  return user
}

const serve = `
server = uvicorn.Server(uvicorn.Config(app, port=int(sys.argv[1]), log_level="critical"))
# Ends with whoever started it, however that ends.
def watch():
    sys.stdin.read()
    server.should_exit = True
    server.force_exit = True
threading.Thread(target=watch, daemon=True).start()
server.run()
`

/** A user table with UUID keys, as the full-stack template has it: 403 for a bad token, 404 for a user who is not in the table. */
const template = `
import sys, threading, uuid
import jwt, uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ValidationError
from sqlalchemy import String, Uuid, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "user"
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    is_active: Mapped[bool]

class TokenPayload(BaseModel):
    sub: uuid.UUID | None = None

engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(User(id=uuid.UUID("550e8400-e29b-41d4-a716-446655440000"), email="ada@old.example", is_active=True))
    session.commit()

app = FastAPI()

def current_user(token: str = Depends(OAuth2PasswordBearer(tokenUrl="/login/access-token"))):
    try:
        payload = TokenPayload(**jwt.decode(token, ${JSON.stringify(jwtSecret)}, algorithms=["HS256"]))
    except (jwt.InvalidTokenError, ValidationError):
        raise HTTPException(403, "Could not validate credentials")
    with Session(engine) as session:
        user = session.get(User, payload.sub)
    if not user:
        raise HTTPException(404, "User not found")
    if not user.is_active:
        raise HTTPException(400, "Inactive user")
    return user

@app.get("/api/v1/users/me")
def me(user=Depends(current_user)):
    return {"id": str(user.id), "email": user.email}
${serve}`

t.test('an application after the full-stack template finds its users of before', async (t) => {
  const upstream = await serveScript(t, template)
  if (upstream === null) return
  const gateway = await startGateway(t, {
    upstream,
    yaml: 'identity: { token: { subject: user.externalId } }',
  })
  const me = (cookie: string) => gateway.request('/api/v1/users/me', { headers: { cookie } })
  const ada = await signUpAs(gateway, '550e8400-e29b-41d4-a716-446655440000')
  t.strictSame((await me(ada.cookie)).json(), {
    id: '550e8400-e29b-41d4-a716-446655440000',
    email: 'ada@old.example',
  })
  const unknown = await signUpAs(gateway, randomUUID())
  t.match(await me(unknown.cookie), { status: 404, text: '{"detail":"User not found"}' })
  const unlinked = await signUp(gateway, 'eve@example.com')
  t.match((await me(unlinked.cookie)).json(), { status: 403, code: 'subject_missing' })
})

/** Reads `Authorization: Token` and `username`, and answers 403 to everything else, as those after the RealWorld example do. */
const realWorld = `
import sys, threading
import jwt, uvicorn
from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel

class Claims(BaseModel):
    username: str

app = FastAPI()
users = {"ada": {"bio": "wrote the first program"}}

def token_of(header: str = Security(APIKeyHeader(name="Authorization"))):
    parts = header.split(" ")
    if len(parts) != 2 or parts[0] != "Token":
        raise HTTPException(403, "unsupported authorization type")
    return parts[1]

def current_user(token: str = Depends(token_of)):
    try:
        claims = jwt.decode(token, ${JSON.stringify(jwtSecret)}, algorithms=["HS256"])
        name = Claims(**claims).username
    except (jwt.PyJWTError, ValueError):
        raise HTTPException(403, "could not validate credentials")
    if claims.get("sub") != "access" or name not in users:
        raise HTTPException(403, "could not validate credentials")
    return {"username": name, **users[name]}

@app.get("/api/user")
def read_user(user=Depends(current_user)):
    return {"user": user}
${serve}`

t.test('an application after the RealWorld example knows who signed in', async (t) => {
  const upstream = await serveScript(t, realWorld)
  if (upstream === null) return
  const gateway = await startGateway(t, {
    upstream,
    yaml: 'identity: { token: { profile: realworld, subject: user.externalId } }',
  })
  const ada = await signUpAs(gateway, 'ada')
  const ask = (cookie: string) => gateway.request('/api/user', { headers: { cookie } })
  t.strictSame((await ask(ada.cookie)).json(), {
    user: { username: 'ada', bio: 'wrote the first program' },
  })
  const nobody = await signUpAs(gateway, 'nobody')
  t.match(await ask(nobody.cookie), {
    status: 403,
    text: '{"detail":"could not validate credentials"}',
  })

  gateway.reload({ yaml: 'identity: { token: { subject: user.externalId } }' })
  t.match(await ask(ada.cookie), {
    status: 403,
    text: '{"detail":"unsupported authorization type"}',
  })
})

/** Its routes depend on `current_user` of fastapi-users; its users are in memory. */
const fastApiUsers = `
import sys, threading, uuid
import uvicorn
from dataclasses import dataclass
from fastapi import Depends, FastAPI, Header
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy

@dataclass
class User:
    id: uuid.UUID
    email: str
    is_active: bool = True
    is_superuser: bool = False
    is_verified: bool = True

ada = User(uuid.UUID("550e8400-e29b-41d4-a716-446655440000"), "ada@example.com")
bob = User(uuid.UUID("650e8400-e29b-41d4-a716-446655440000"), "bob@example.com", is_active=False)
users = {user.id: user for user in (ada, bob)}

class Table:
    async def get(self, id):
        return users.get(id)

class Manager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    pass

async def get_manager():
    yield Manager(Table())

backend = AuthenticationBackend(
    name="jwt",
    transport=BearerTransport(tokenUrl="auth/jwt/login"),
    get_strategy=lambda: JWTStrategy(secret=${JSON.stringify(jwtSecret)}, lifetime_seconds=3600),
)
fastapi_users = FastAPIUsers[User, uuid.UUID](get_manager, [backend])
app = FastAPI()

@app.get("/api/me")
async def me(user=Depends(fastapi_users.current_user(active=True, verified=True)), x_user_id: str = Header()):
    return {"id": str(user.id), "email": user.email, "x_user_id": x_user_id}
${serve}`

t.test('an application with fastapi-users knows who signed in', async (t) => {
  const upstream = await serveScript(t, fastApiUsers, ['fastapi_users'])
  if (upstream === null) return
  const gateway = await startGateway(t, {
    upstream,
    yaml: 'identity: { token: { profile: fastapi-users, subject: user.externalId } }',
  })
  const me = async (externalId: string) => {
    const { id, cookie } = await signUpAs(gateway, externalId)
    return { id, answer: (await gateway.request('/api/me', { headers: { cookie } })).json() }
  }
  const ada = '550e8400-e29b-41d4-a716-446655440000'
  const { id, answer } = await me(ada)
  t.strictSame(answer, { id: ada, email: 'ada@example.com', x_user_id: id })
  for (const unknown of ['650e8400-e29b-41d4-a716-446655440000', randomUUID(), '17']) {
    const refused = await me(unknown)
    t.match(refused.answer, { status: 401, code: 'upstream_unauthorized', action: 'none' }, unknown)
  }
  const exp = Math.floor(Date.now() / 1000) + 600
  const theirs = mint({ sub: ada, aud: ['fastapi-users:auth'], exp })
  const reply = await gateway.request('/api/me', { headers: { authorization: `Bearer ${theirs}` } })
  t.match(reply.json(), { email: 'ada@example.com' }, 'a token of its own travels on')
})
