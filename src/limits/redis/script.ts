/**
 * One step, atomic: count, and give the window an end if it has none or one that lies beyond what the configuration says now.
 * KEYS[1] the key; ARGV[1] the window, milliseconds. Answers the count and the milliseconds that are left.
 */
export const countScript = `
local count = redis.call('INCR', KEYS[1])
local window = tonumber(ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 or left > window then
  redis.call('PEXPIRE', KEYS[1], window)
  left = window
end
return {count, left}
`
