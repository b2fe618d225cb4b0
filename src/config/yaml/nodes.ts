import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml'
import type { Pair, ParsedNode, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { DocumentProblem, ReadDocument } from './document.ts'
import { pathKey, Places, type Path, type Place } from './places.ts'
import { expandReferences, retype, type Lookup } from './references.ts'

// Far above what people write; keeps "a billion laughs" small.
const maxExpandedNodes = 10_000
const maxDepth = 32

/** Turns the nodes of a document without syntax errors into data, in one walk in the order of the file. */
export function resolveNodes(
  document: Document.Parsed,
  lines: LineCounter,
  lookup: Lookup,
): ReadDocument {
  const { contents } = document
  const resolver = new Resolver(lines, lookup)
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return refused('the file is empty: a configuration needs at least `upstreams` and `routes`')
  }
  if (!isMap(contents)) return refused('the file must hold a mapping (key: value) at its top')
  const data = resolver.resolve(contents, [], null)
  const { places, retyped, referenced, problems } = resolver
  return { document: { data, places, retyped, referenced }, problems }
}

function refused(message: string): ReadDocument {
  return { document: null, problems: [{ path: [], place: { line: 1, column: 1 }, message }] }
}

class Resolver {
  readonly places = new Places()
  readonly retyped = new Map<string, string>()
  readonly referenced = new Set<string>()
  readonly problems: DocumentProblem[] = []
  readonly #lines: LineCounter
  readonly #lookup: Lookup
  readonly #anchors = new Map<string, Node>()
  readonly #open = new Set<Node>()
  #aliasDepth = 0
  #expandedNodes = 0

  constructor(lines: LineCounter, lookup: Lookup) {
    this.#lines = lines
    this.#lookup = lookup
  }

  resolve(node: Node, path: Path, key: Place | null): unknown {
    const place = this.#placeOf(node)
    this.places.set(path, { key, value: place })
    if (this.#aliasDepth > 0 && ++this.#expandedNodes > maxExpandedNodes) {
      if (this.#expandedNodes === maxExpandedNodes + 1) {
        this.#report(path, place, 'aliases expand to too much: write the values out')
      }
      return undefined
    }
    if (path.length > maxDepth) {
      this.#report(path, place, 'the YAML is nested too deeply')
      return undefined
    }
    if (isAlias(node)) return this.#resolveAlias(node.source, path, key, place)
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (isScalar(node)) return this.#resolveScalar(node, path, place)
    this.#open.add(node)
    const value = isMap(node) ? this.#resolveMap(node, path) : this.#resolveList(node, path)
    this.#open.delete(node)
    return value
  }

  #resolveAlias(name: string, path: Path, key: Place | null, place: Place): unknown {
    const target = this.#anchors.get(name)
    if (target === undefined || this.#open.has(target)) {
      const reason = target === undefined ? 'names no anchor above it' : 'refers to itself'
      this.#report(path, place, `this YAML alias ${reason} (quote a value that starts with *)`)
      return undefined
    }
    this.#aliasDepth += 1
    const value = this.resolve(target, path, key)
    this.#aliasDepth -= 1
    return value
  }

  #resolveScalar(node: Scalar, path: Path, place: Place): unknown {
    if (typeof node.value !== 'string') return node.value
    const expanded = expandReferences(node.value, this.#lookup)
    for (const message of expanded.problems) this.#report(path, place, message)
    if (expanded.text === null) return undefined
    if (!expanded.referenced) return expanded.text
    this.referenced.add(pathKey(path))
    // A quoted scalar is a string whatever the variable holds.
    const value = node.type === 'PLAIN' ? retype(expanded.text) : expanded.text
    if (typeof value !== 'string') this.retyped.set(pathKey(path), expanded.text)
    return value
  }

  #resolveMap(node: YAMLMap, path: Path): Record<string, unknown> {
    const value = Object.create(null) as Record<string, unknown>
    const firstLines = new Map<string, number>()
    for (const pair of node.items as Pair<ParsedNode, ParsedNode | null>[]) {
      const keyPlace = this.#placeOf(pair.key)
      const name = keyName(pair.key)
      if (name === null || name === '__proto__') {
        this.#report(path, keyPlace, 'a key must be a plain word')
        continue
      }
      const keyPath = [...path, name]
      const first = firstLines.get(name)
      if (first !== undefined) {
        this.#report(keyPath, keyPlace, `this key was already written in line ${String(first)}`)
        continue
      }
      firstLines.set(name, keyPlace.line)
      value[name] = this.#resolvePair(pair, keyPath, keyPlace)
    }
    return value
  }

  #resolvePair(pair: Pair<ParsedNode, ParsedNode | null>, path: Path, key: Place): unknown {
    if (pair.value !== null) return this.resolve(pair.value, path, key)
    this.places.set(path, { key, value: key })
    return null
  }

  #resolveList(node: Node, path: Path): unknown[] {
    if (!isSeq(node)) throw new TypeError('a YAML node is an alias, a scalar, a mapping or a list')
    const items = (node as YAMLSeq<Node>).items
    return items.map((item, index) => this.resolve(item, [...path, index], null))
  }

  #placeOf(node: Node): Place {
    const { line, col } = this.#lines.linePos(node.range?.[0] ?? 0)
    return { line, column: col }
  }

  #report(path: Path, place: Place, message: string): void {
    this.problems.push({ path, place, message })
  }
}

function keyName(key: ParsedNode): string | null {
  if (!isScalar(key)) return null
  const { value } = key
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}
