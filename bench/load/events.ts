import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import type { Target } from './load.ts'

const streams = 8

/** Listens to eight event streams for a while. Returns how long each event was under way, milliseconds. */
export async function eventDelays(target: Target, ms: number): Promise<readonly number[]> {
  const delays: number[] = []
  const agent = new Agent()
  const responses = await Promise.all(Array.from({ length: streams }, () => open(target, agent)))
  for (const response of responses) {
    let rest = ''
    response.setEncoding('latin1').on('data', (text: string) => {
      const received = process.hrtime.bigint()
      const lines = (rest + text).split('\n\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        delays.push(Number(received - BigInt(line.slice('data: '.length))) / 1e6)
      }
    })
  }
  await new Promise((resolve) => setTimeout(resolve, ms))
  agent.destroy()
  return delays
}

/** Time from a request to the first byte of its body, one after the other on one connection, milliseconds. */
export async function firstByteTimes(target: Target, count: number): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times: number[] = []
  while (times.length < count) {
    const before = performance.now()
    const response = await open(target, agent)
    // Both may come in one piece.
    const end = once(response, 'end')
    await once(response, 'data')
    times.push(performance.now() - before)
    await end
  }
  agent.destroy()
  return times
}

async function open({ url, headers }: Target, agent: Agent): Promise<IncomingMessage> {
  const request = get(url, { agent, headers: { ...headers } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  // Cut off at the end, on purpose.
  response.on('error', () => undefined)
  request.on('error', () => undefined)
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode ?? 0}`)
  return response
}
