/** A test point of TAP. */
export interface TapPoint {
  readonly name: string
  /** Lines of YAML about a failure; null: it has not failed. */
  readonly failure: readonly string[] | null
  /** Why nobody can tell; null: somebody can. */
  readonly skipped: string | null
}

/** TAP version 14, with a YAML block for what failed. */
export function tapOf(points: readonly TapPoint[]): string {
  const lines = points.flatMap(({ name, failure, skipped }, index) => {
    const point = `${index + 1} - ${escaped(name)}`
    if (failure !== null) {
      return [`not ok ${point}`, ...['---', ...failure, '...'].map((line) => `  ${line}`)]
    }
    return [`ok ${point}${skipped === null ? '' : ` # SKIP ${escaped(skipped)}`}`]
  })
  return ['TAP version 14', `1..${points.length}`, ...lines].join('\n')
}

/** JSON is YAML but for what ends a line in one of them and not in the other (YAML 1.2 §5.1, §5.4). */
export function yamlString(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (special) => `\\u${special.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** One line, in which nothing is a directive and nothing moves the cursor. */
function escaped(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd')
    .replaceAll(/[\\#]/g, (special) => `\\${special}`)
}
