import { z } from 'zod'
import type { Parsed } from '../values/parsed.ts'
import {
  durationPattern,
  parseDuration,
  parsePercentage,
  parseSize,
  percentagePattern,
  sizePattern,
} from '../values/quantity.ts'

/** A text with a syntax of its own. */
export function text<T>(parse: (text: string) => Parsed<T>) {
  return z.string().transform((value, context) => settle(parse(value), context))
}

/** A text or a number with a syntax of its own. */
export function textOrNumber<T>(parse: (value: string | number) => Parsed<T>, expected: string) {
  return z
    .union([z.string(), z.number()], { error: expected })
    .transform((value, context) => settle(parse(value), context))
}

/** Bounds of a quantity, both allowed, in the words of the file. */
export interface Bounds {
  readonly min: string
  readonly max: string
}

/** A duration; the output is milliseconds. */
export function duration(bounds: Bounds) {
  return quantity(parseDuration, bounds, 'expected a duration such as 30s').meta({
    pattern: `${durationPattern}|\\$\\{`,
  })
}

/** A size; the output is bytes. */
export function size(bounds: Bounds) {
  return quantity(parseSize, bounds, 'expected a size such as 1MB').meta({
    pattern: `${sizePattern}|\\$\\{`,
  })
}

/** A percentage; the output is a share from 0 to 1. */
export function percentage(bounds: Bounds) {
  return quantity(parsePercentage, bounds, 'expected a percentage such as 50%').meta({
    pattern: `${percentagePattern}|\\$\\{`,
  })
}

function quantity(
  parse: (value: string | number) => Parsed<number>,
  { min, max }: Bounds,
  expected: string,
) {
  const least = valueOf(parse(min))
  const most = valueOf(parse(max))
  return textOrNumber((value) => {
    const parsed = parse(value)
    const isInside = 'problem' in parsed || (parsed.value >= least && parsed.value <= most)
    return isInside ? parsed : { problem: `must be between ${min} and ${max}` }
  }, expected)
}

/** A whole number; both bounds are allowed. */
export function count({ min, max }: { readonly min: number; readonly max: number }) {
  const error = `must be between ${min} and ${max}`
  return z.int().min(min, { error }).max(max, { error })
}

/** The name of a file or a folder; what is relative is relative to the configuration. */
export function filePath(description: string, examples: readonly string[] = []) {
  const schema = z
    .string()
    .min(1)
    .refine((path) => !path.includes('\0'), { error: 'a path cannot hold a null character' })
  return schema.meta({ description, ...(examples.length === 0 ? {} : { examples: [...examples] }) })
}

/** One of some words. */
export function word<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, {
    error: `expected ${words.map((each) => JSON.stringify(each)).join(', ')}`,
  })
}

function settle<T>(parsed: Parsed<T>, context: z.RefinementCtx): T {
  if ('value' in parsed) return parsed.value
  context.addIssue({ code: 'custom', message: parsed.problem })
  return z.NEVER
}

function valueOf(parsed: Parsed<number>): number {
  if ('value' in parsed) return parsed.value
  throw new TypeError(parsed.problem)
}
