import { createServer } from 'node:http'
import { serve } from './ready.ts'

// Takes a body to its end before it answers: an answer that comes early would stop the upload.
serve(
  createServer((request, response) => {
    request.on('data', () => undefined)
    request.on('end', () => {
      response.writeHead(200, { 'content-length': 2 })
      response.end('ok')
    })
  }),
)
