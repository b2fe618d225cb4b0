// The whole page in one file, without a framework: what matters is what goes over the wire.

const $ = (id) => document.getElementById(id)
const state = { user: null, signingUp: false, stream: null }

/** Calls the API and shows request and raw answer. Never throws: a network failure is an answer with status 0. */
async function call(method, path, { body, note, quiet, ...options } = {}) {
  const headers = { ...options.headers }
  if (body !== undefined) headers['content-type'] = 'application/json'
  let answer
  try {
    const response = await fetch(path, {
      ...options,
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    answer = { status: response.status, text: await response.text() }
  } catch (error) {
    answer = { status: 0, text: String(error) }
  }
  answer.ok = answer.status >= 200 && answer.status < 300
  answer.json = parse(answer.text)
  if (!quiet || !answer.ok) showOnWire(method, path, note, answer)
  return answer
}

/** As a browser application would: what a refusal's `action` says decides what happens next. */
async function api(method, path, options) {
  const answer = await call(method, path, options)
  if (answer.json?.action === 'login') signedOut()
  return answer
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function showOnWire(method, path, note, { status, ok, text, json }) {
  const details = make('details', { open: true })
  const summary = make('summary')
  summary.append(
    make('span', { className: ok ? 'status' : 'status bad', textContent: status || 'failed' }),
    make('span', { textContent: `${method} ${path}` }),
    make('span', { className: 'note', textContent: note ?? '' }),
  )
  const shown = json === null ? text || '(no body)' : JSON.stringify(json, mask, 2)
  details.append(summary, make('pre', { textContent: shown }))
  const item = make('li')
  item.append(details)
  $('no-wire').hidden = true
  const earlier = $('wire').querySelector('details')
  if (earlier) earlier.open = false
  $('wire').prepend(item)
  while ($('wire').children.length > 12) $('wire').lastChild.remove()
}

/** A token is a credential: a demo that is shown on a screen does not spell it out. */
function mask(key, value) {
  return (key === 'access_token' || key === 'token') && typeof value === 'string'
    ? `${value.slice(0, 12)}… (${value.length} characters)`
    : value
}

function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties)
}

// Signing in and out ---------------------------------------------------------------------------------------------------

$('switch').addEventListener('click', () => chooseForm(!state.signingUp))

function chooseForm(signingUp) {
  state.signingUp = signingUp
  $('name-field').hidden = !state.signingUp
  $('sign-in-card').querySelector('h1').textContent = state.signingUp
    ? 'Create an account'
    : 'Sign in'
  $('sign-in-submit').textContent = state.signingUp ? 'Sign up' : 'Sign in'
  $('switch').textContent = state.signingUp ? 'I have an account' : 'Create an account'
  $('sign-in').elements.password.autocomplete = state.signingUp
    ? 'new-password'
    : 'current-password'
  $('sign-in-message').textContent = ''
}

$('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault()
  const { name, email, password } = $('sign-in').elements
  const body = { email: email.value, password: password.value }
  if (state.signingUp) body.name = name.value.trim() || email.value.split('@')[0]
  $('sign-in-message').textContent = ''
  $('sign-in-submit').disabled = true
  const path = state.signingUp ? '/api/auth/sign-up/email' : '/api/auth/sign-in/email'
  const answer = await call('POST', path, { body })
  $('sign-in-submit').disabled = false
  if (!answer.ok) {
    $('sign-in-message').textContent =
      answer.json?.message ?? answer.json?.detail ?? 'That did not work.'
    return
  }
  $('sign-in').reset()
  chooseForm(false)
  await refresh()
})

$('sign-out').addEventListener('click', async () => {
  await call('POST', '/api/auth/sign-out', { body: {} })
  signedOut()
  // What FastAPI's callers see from now on.
  await call('GET', '/api/me', { note: 'signed out' })
})

/** Asks the gateway who is here; it always answers 200, so nothing is red in the console of somebody signed out. */
async function refresh() {
  const { json } = await call('GET', '/_gateway/session')
  if (json?.authenticated) await signedIn(json.user)
  else signedOut()
}

async function signedIn(user) {
  state.user = user
  $('who-name').textContent = user.name || user.email
  show({ who: true, 'todo-card': true, 'me-card': true, 'sign-in-card': false })
  await showMe()
  await listTodos()
  listen()
}

function signedOut() {
  state.user = null
  state.stream?.close()
  state.stream = null
  $('todos').replaceChildren()
  show({ who: false, 'todo-card': false, 'me-card': false, 'sign-in-card': true })
}

function show(visible) {
  for (const [id, isVisible] of Object.entries(visible)) $(id).hidden = !isVisible
}

async function showMe() {
  const { ok, json } = await api('GET', '/api/me')
  if (!ok) return
  $('me-id').textContent = json.id
  $('me-header').textContent = json.from_header ?? '(absent)'
  $('me-email').textContent = json.email ?? '(not verified, so not told)'
  $('me-expires').textContent = `${Math.max(0, Math.round(json.claims.exp - Date.now() / 1000))} s`
}

// Todos ----------------------------------------------------------------------------------------------------------------

async function listTodos() {
  const { ok, json } = await api('GET', '/api/todos', { quiet: true })
  if (!ok) return
  $('todos').replaceChildren(...json.map(todoItem))
  $('no-todos').hidden = json.length > 0
}

function todoItem(todo) {
  const item = make('li', { className: todo.done ? 'done' : '' })
  const label = make('label')
  const box = make('input', { type: 'checkbox', checked: todo.done })
  box.addEventListener('change', async () => {
    await api('PATCH', `/api/todos/${todo.id}`, { body: { done: box.checked } })
    await listTodos()
  })
  label.append(box, make('span', { textContent: todo.title }))
  const remove = make('button', { type: 'button', className: 'remove', textContent: '×' })
  remove.setAttribute('aria-label', `Remove ${todo.title}`)
  remove.addEventListener('click', async () => {
    await api('DELETE', `/api/todos/${todo.id}`)
    await listTodos()
  })
  item.append(label, remove)
  return item
}

$('new-todo').addEventListener('submit', async (event) => {
  event.preventDefault()
  const { title } = $('new-todo').elements
  const { ok } = await api('POST', '/api/todos', { body: { title: title.value } })
  if (ok) title.value = ''
  await listTodos()
})

/** Server-Sent Events through the gateway: a change made in another tab appears here. */
function listen() {
  state.stream?.close()
  const stream = new EventSource('/api/events')
  state.stream = stream
  const say = (isOn, text) => {
    $('live-dot').classList.toggle('on', isOn)
    $('live-text').textContent = text
  }
  stream.addEventListener('hello', () => say(true, 'live: GET /api/events is streaming'))
  stream.addEventListener('todo', () => listTodos())
  stream.addEventListener('error', () => say(false, 'the stream ended; the browser tries again'))
}

// Trying the door ------------------------------------------------------------------------------------------------------

const attempts = {
  me: () => api('GET', '/api/me', { note: 'with the session cookie' }),
  session: () => call('GET', '/_gateway/session'),
  spoof: () =>
    api('GET', '/api/me', {
      headers: { 'X-User-Id': 'someone-else' },
      note: 'X-User-Id: someone-else',
    }),
  nobody: () => call('GET', '/api/me', { credentials: 'omit', note: 'no credentials' }),
  forged: () =>
    call('GET', '/api/me', {
      headers: { authorization: 'Bearer nonsense' },
      note: 'a forged token',
    }),
  async token() {
    const { ok, json } = await api('POST', '/_gateway/token', { note: 'from the session cookie' })
    if (!ok) return
    const headers = { authorization: `Bearer ${json.access_token}` }
    await call('GET', '/api/me', { headers, credentials: 'omit', note: 'Bearer, no cookie' })
  },
}

for (const button of document.querySelectorAll('[data-try]')) {
  button.addEventListener('click', async () => {
    button.disabled = true
    await attempts[button.dataset.try]()
    button.disabled = false
  })
}

await refresh()
