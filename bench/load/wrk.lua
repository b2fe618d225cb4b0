-- With a file as argument, each request carries the next line of it as its Cookie; all of them are written before the load
-- begins. At the end, one line of JSON that the bench reads.
function init(arguments)
  if arguments[1] == nil then return end
  local ready, at = {}, 0
  for line in io.lines(arguments[1]) do
    wrk.headers["Cookie"] = line
    ready[#ready + 1] = wrk.format("GET")
  end
  request = function()
    at = at % #ready + 1
    return ready[at]
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests":%d,"seconds":%f,"errors":%d,"p50Ms":%f,"p99Ms":%f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000
  ))
end
