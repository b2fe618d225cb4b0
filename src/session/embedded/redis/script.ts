/**
 * Keeps a session unless it has been deleted a moment ago: a refresh that was under way while its owner signed out would bring it back. Answers 1 where it was kept.
 * KEYS[1] the session, KEYS[2] the gravestone of that key, KEYS[3] the key by the session's id; ARGV[1] the value, ARGV[2] its life in seconds, ARGV[3] the token.
 */
export const keepScript = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[2])
return 1
`

/** Deletes a key and sets its gravestone. Answers what was there. KEYS[1] the key, KEYS[2] the gravestone; ARGV[1] its life in seconds. */
export const buryScript = `
local value = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[2], '1', 'EX', ARGV[1])
redis.call('DEL', KEYS[1])
return value
`

/** Counts, and gives the count an end when it begins. KEYS[1] the count; ARGV[1] its life in seconds. */
export const incrementScript = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
`
