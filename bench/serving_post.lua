-- Posts one body again and again: wrk … -s serving_post.lua URL -- BODY_FILE CONTENT_TYPE TOKEN PAUSE_MS
function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  file:close()
  if args[2] and args[2] ~= "" then wrk.headers["Content-Type"] = args[2] end
  if args[3] and args[3] ~= "" then wrk.headers["Authorization"] = "Bearer " .. args[3] end
  local pause = tonumber(args[4] or "0")
  if pause > 0 then
    delay = function() return math.random(0, 2 * pause) end
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"rate": %f, "p50": %f, "p99": %f, "errors": %d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
