import { layout } from './style/layout.ts'
import { parts } from './style/parts.ts'
import { tokens } from './style/tokens.ts'

/** The one style sheet of the console. */
export const consoleStyle = tokens + layout + parts
