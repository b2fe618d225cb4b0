#!/usr/bin/env node
import './node-version.js'
import { existsSync } from 'node:fs'

// The same launcher serves a checkout (type stripping) and the published package (compiled).
const entry = existsSync(new URL('./cli.ts', import.meta.url)) ? './cli.ts' : './cli.js'
await import(entry)
