import { jsonSchema } from '../config/schema.ts'

/** `sallyport schema`: the JSON Schema (draft-07) that editors complete and check with. */
export function runSchema(): void {
  console.log(JSON.stringify(jsonSchema(), null, 2))
}
