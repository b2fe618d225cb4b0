/** What every upstream answers with, but FastAPI: a kilobyte of JSON, so that what is measured is what stands in front. */
export const json = JSON.stringify({ items: 'x'.repeat(1000) })
