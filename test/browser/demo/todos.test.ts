import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { password } from '../visit.ts'
import { startDemo } from './site.ts'
import { addTodo, newPerson, newVisitor, openBoard, part } from './visitor.ts'

const chromium = await launchChromium(t)
const demo = chromium === null ? null : await startDemo(t)

if (chromium !== null && demo !== null) {
  t.test('somebody new signs up, and what they note is there after a reload', async (t) => {
    const { context, complaints } = await newVisitor(t, chromium, demo)
    const page = await context.newPage()
    await page.goto(demo.origin)
    await page.getByRole('link', { name: 'Create an account' }).click()
    const form = page.locator('#sign-up')
    await form.getByLabel('Name').fill('Ada')
    await form.getByLabel('E-mail').fill('new@example.com')
    await form.getByLabel('Password', { exact: true }).fill(password)
    await form.getByRole('button', { name: 'Create account' }).click()
    await page.waitForURL(`${demo.origin}/`)

    const todos = part(page, 'Todos')
    await todos.getByText('Nothing to do.').waitFor()
    await addTodo(page, 'Water the plants')
    await addTodo(page, 'Write to Charles')
    await addTodo(page, 'Burn the drafts')
    await todos.getByRole('checkbox', { name: 'Water the plants' }).click()
    await todos.getByRole('button', { name: 'Delete Burn the drafts' }).click()
    await todos.getByText('1 open').waitFor()
    // Until FastAPI has it, it cannot be ticked off.
    await todos.getByRole('checkbox', { name: 'Write to Charles' }).click({ trial: true })

    await page.reload()
    await todos.getByText('Write to Charles').waitFor()
    t.same(await todos.getByRole('listitem').allTextContents(), [
      'Water the plants×',
      'Write to Charles×',
    ])
    t.ok(await todos.getByRole('checkbox', { name: 'Water the plants' }).isChecked())
    t.notOk(await todos.getByRole('checkbox', { name: 'Write to Charles' }).isChecked())
    t.same(complaints, [])
  })

  t.test('a change is on the screen before FastAPI has it', async (t) => {
    const page = await openBoard(await newPerson(t, chromium, demo, 'Grace'))
    const todos = part(page, 'Todos')
    await todos.getByText('Nothing to do.').waitFor()
    const posted = Promise.withResolvers<() => void>()
    const end = demo.door.rule('/api/todos', ({ request, pass }) => {
      if (request.method === 'POST') posted.resolve(pass)
      else pass()
    })
    await addTodo(page, 'Find the moth')
    const release = await posted.promise
    end()
    const box = todos.getByRole('checkbox', { name: 'Find the moth' })
    t.ok(await box.isDisabled(), 'there, and not yet to be changed')
    release()
    await box.click({ trial: true })
    t.notOk(await box.isDisabled())
  })

  t.test(
    'what is refused is taken back and told in words, and nothing typed is lost',
    async (t) => {
      const page = await openBoard(await newPerson(t, chromium, demo, 'Alan'))
      const todos = part(page, 'Todos')
      await todos.getByText('Nothing to do.').waitFor()
      demo.limit()
      await addTodo(page, 'Break a code')
      await todos.getByRole('status').getByText('Trying again…').waitFor()
      t.equal(await todos.getByText('Break a code').count(), 1, 'what is there stays')
      await addTodo(page, 'Run a marathon')
      const notice = page.locator('.notice')
      await notice.waitFor()
      t.match(await notice.textContent(), /limit|too many/i)
      t.equal(await todos.getByText('Run a marathon').count(), 0)
      t.equal(await page.getByRole('textbox', { name: 'New todo' }).inputValue(), 'Run a marathon')
      await notice.getByRole('button', { name: 'Dismiss' }).click()
      t.equal(await notice.count(), 0)
    },
  )
}
