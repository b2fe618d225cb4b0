/** Signs a compact JWS (RFC 7515 §3.1) with HS256. The claims go out as they are. */
export function signToken(
  type: string,
  claims: Readonly<Record<string, unknown>>,
  sign: (input: string) => string,
): string {
  const input = `${encode({ alg: 'HS256', typ: type })}.${encode(claims)}`
  return `${input}.${sign(input)}`
}

function encode(value: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')
}
