/** An identifier in SQL, whatever is in its name. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
