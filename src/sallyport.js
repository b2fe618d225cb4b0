#!/usr/bin/env node
import './node-version.js'
import { existsSync } from 'node:fs'

// A checkout runs the sources (Node strips the types); the published package has only what was compiled from them.
const source = new URL('./cli.ts', import.meta.url)
await import(existsSync(source) ? source.href : new URL('../dist/cli.js', import.meta.url).href)
