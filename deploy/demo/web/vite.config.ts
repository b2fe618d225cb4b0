import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const root = import.meta.dirname
const gateway = process.env['PUBLIC_URL'] ?? 'http://localhost:8080'

export default defineConfig({
  root,
  plugins: [react()],
  // What another project has from the package is here next door.
  resolve: { alias: { 'sallyport/client': join(root, '../../../src/client/index.ts') } },
  build: {
    target: 'es2022',
    // The policy of the page lets nothing run that is written into it.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    // `npm run dev:web`: the page with hot reload, everything else from the gateway of `npm start`, as if the page were its own.
    proxy: Object.fromEntries(
      ['/api', '/_gateway'].map((path) => [
        path,
        { target: gateway, changeOrigin: true, ws: true, headers: { origin: gateway } },
      ]),
    ),
  },
})
