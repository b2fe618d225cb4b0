import type { Tables } from './port.ts'

/**
 * Makes the tables of ours that are missing, one after the other.
 * @param statements by the name of the table
 */
export async function createMissing(
  missing: readonly string[],
  statements: Readonly<Record<string, string>>,
  run: (sql: string) => unknown,
): Promise<Tables> {
  const wanted = missing.map((name) => statements[name] ?? '')
  for (const sql of wanted) await run(sql)
  return { created: missing, sql: wanted.map((sql) => `${sql};`).join('\n\n') }
}

/** An identifier in SQL, whatever is in its name. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
