import { createServer } from 'node:http'
import { json } from '../peers/answer.ts'
import { serve } from './ready.ts'

// Stands in where nginx is not installed.
const body = Buffer.from(json)

serve(
  createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  }),
)
