/** The line that keeps people from editing a page that will be overwritten. */
export function generatedNote(sources: string): string {
  return `<!-- Generated from ${sources} by \`node docs/generate.ts\`. Do not edit. -->`
}

/** A Markdown table. Cells are Markdown themselves; `|` in them is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Text as code. Text that holds a backtick gets two around it (CommonMark §6.1). */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}
