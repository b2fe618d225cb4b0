/** The result of reading one scalar: the value, or one phrase that says what to write instead. Never quotes the input. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string }
