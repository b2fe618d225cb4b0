import { testRevocations } from './table.ts'

testRevocations(() => Promise.resolve({}))
