/** A span as it came over the wire (opentelemetry-proto, trace.proto), with the resource that it belongs to. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
  readonly state: string
  readonly name: string
  /** 2: server, 3: client. */
  readonly kind: number
  readonly startNs: bigint
  readonly endNs: bigint
  readonly attributes: Readonly<Record<string, string | number>>
  /** 0: unset, 2: error. */
  readonly status: number
  readonly resource: Readonly<Record<string, string | number>>
}

/** The fields of a message, by number: bytes, or numbers where the wire type has numbers. */
type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>

/** Decodes an `ExportTraceServiceRequest`. Throws for bytes that are no protobuf. */
export function decodeSpans(bytes: Buffer): readonly Span[] {
  return messages(read(bytes), 1).flatMap((ofResource) => {
    const [resource] = messages(ofResource, 1)
    const attributes = attributesOf(resource ?? new Map(), 1)
    return messages(ofResource, 2)
      .flatMap((ofScope) => messages(ofScope, 2))
      .map((span) => toSpan(span, attributes))
  })
}

function toSpan(span: Fields, resource: Span['resource']): Span {
  const [status] = messages(span, 15)
  return {
    traceId: bytesOf(span, 1).toString('hex'),
    spanId: bytesOf(span, 2).toString('hex'),
    state: bytesOf(span, 3).toString(),
    parentId: bytesOf(span, 4).toString('hex'),
    name: bytesOf(span, 5).toString(),
    kind: Number(numberOf(span, 6)),
    startNs: numberOf(span, 7),
    endNs: numberOf(span, 8),
    attributes: attributesOf(span, 9),
    status: status === undefined ? 0 : Number(numberOf(status, 3)),
    resource,
  }
}

function attributesOf(message: Fields, field: number): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    messages(message, field).map((pair) => {
      const [value = new Map() as Fields] = messages(pair, 2)
      const isText = value.has(1)
      const key = bytesOf(pair, 1).toString()
      return [key, isText ? bytesOf(value, 1).toString() : Number(numberOf(value, 3))]
    }),
  )
}

function messages(message: Fields, field: number): readonly Fields[] {
  return (message.get(field) ?? []).map((bytes) => read(bytes as Buffer))
}

function bytesOf(message: Fields, field: number): Buffer {
  return (message.get(field)?.[0] as Buffer | undefined) ?? Buffer.alloc(0)
}

function numberOf(message: Fields, field: number): bigint {
  return (message.get(field)?.[0] as bigint | undefined) ?? 0n
}

/** Protocol Buffers, "Encoding": a tag, then a number or a length with bytes. */
function read(bytes: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at)
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('the message is cut short')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const value = readValue(tag & 7, varint, take)
    const values = fields.get(tag >> 3)
    if (values === undefined) fields.set(tag >> 3, [value])
    else values.push(value)
  }
  return fields
}

function readValue(
  wireType: number,
  varint: () => bigint,
  take: (length: number) => Buffer,
): Buffer | bigint {
  switch (wireType) {
    case 0:
      return varint()
    case 1:
      return take(8).readBigUInt64LE()
    case 2:
      return take(Number(varint()))
    case 5:
      return BigInt(take(4).readUInt32LE())
    default:
      throw new TypeError(`no wire type ${String(wireType)}`)
  }
}
