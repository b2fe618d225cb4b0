/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals: `RUN`. */
  readonly name: string
  /** `--from=build` as `['from', 'build']`. */
  readonly flags: ReadonlyMap<string, string>
  /** What follows, with continued lines joined and without comments. */
  readonly text: string
  /** The text as a JSON array, or else split at blanks. */
  readonly words: readonly string[]
  /** Whether it is written as a JSON array: run without a shell. */
  readonly isExec: boolean
}

export interface Stage {
  /** Of `FROM … AS name`; null for one without a name. */
  readonly name: string | null
  /** The image, or the stage, that it begins with; build arguments have been filled in. */
  readonly base: string
  readonly instructions: readonly Instruction[]
}

export interface Dockerfile {
  /** Build arguments with their defaults. */
  readonly args: ReadonlyMap<string, string>
  readonly stages: readonly Stage[]
}

/** Reads a Dockerfile: instructions, flags, JSON arrays, line continuations, `ARG` before the first stage. Not here-documents, nor `ONBUILD`. */
export function parseDockerfile(text: string): Dockerfile {
  const args = new Map<string, string>()
  const stages: { name: string | null; base: string; instructions: Instruction[] }[] = []
  for (const instruction of instructionsOf(text)) {
    const stage = stages.at(-1)
    if (instruction.name === 'FROM') {
      const [image = '', , name = null] = instruction.words
      stages.push({ name, base: fillIn(image, args), instructions: [] })
    } else if (stage !== undefined) stage.instructions.push(instruction)
    else {
      const [name = '', ...value] = instruction.text.split('=')
      args.set(name, value.join('='))
    }
  }
  return { args, stages }
}

/** Replaces `$NAME` and `${NAME}`; what is not known becomes nothing, as a builder has it. */
export function fillIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (_, braced?: string, bare?: string) => values.get(braced ?? bare ?? '') ?? '',
  )
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line))
  const joined = lines.join('\n').replaceAll(/\\\n\s*/g, '')
  return joined.split('\n').map((line) => {
    const [, name = '', rest = ''] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? []
    const [, flags = '', body = ''] = /^((?:--\S+\s+)*)(.*)$/.exec(rest) ?? []
    const list = /\[.*\]$/.exec(body)?.[0]
    const isExec = list !== undefined && isJson(list)
    return {
      name: name.toUpperCase(),
      flags: new Map(
        [...flags.matchAll(/--([\w-]+)(?:=(\S+))?/g)].map(([, key = '', value = '']) => [
          key,
          value,
        ]),
      ),
      text: body,
      words: isExec ? (JSON.parse(list) as string[]) : body.split(/\s+/),
      isExec,
    }
  })
}

function isJson(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    return false
  }
}
