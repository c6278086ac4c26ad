-- Sends each request of a list once, and prints what came back. The server must say by X-Path which one it answers.
-- Usage: wrk -t1 ... -s wrk.lua URL -- LIST KEEP_ALIVE
-- LIST has lines `METHOD PATH BODY`.

local requests, claimed = {}, 0
local sent = -1 -- the first call is a trial of wrk's own

function init(args)
  local headers = args[2] == "true" and {} or { ["Connection"] = "close" }
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(%S+) (%S+) (.*)$")
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  io.stdout:setvbuf("line")
end

-- Called before each request: once the list is through, a connection waits for ever.
function delay()
  claimed = claimed + 1
  return claimed <= #requests and 0 or 3600 * 1000
end

function request()
  sent = sent + 1
  return requests[math.max(sent, 1)]
end

function response(status, headers, body)
  print(string.format('{"path":"%s","status":%d,"bytes":%d,"start":0,"end":0}', headers["X-Path"], status, #body))
end
