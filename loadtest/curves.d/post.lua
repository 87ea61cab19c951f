-- wrk's part: posts bodies made from a template, in which @ is a number and # is padding; prints one line of JSON.
--   wrk … -s post.lua URL -- TEMPLATE PADDING FIRST DISTINCT [HEADER VALUE]…     DISTINCT 0: no number comes twice
local requests, distinct, sent = {}, 0, 0
local before, after, first

function init(args)
  local template, padding = args[1], tonumber(args[2])
  first, distinct = tonumber(args[3]), tonumber(args[4])
  template = template:gsub("#", function() return ("lorem ipsum "):rep(padding / 12) end)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  for index = 5, #args, 2 do
    wrk.headers[args[index]] = args[index + 1]
  end
  -- Numbers have one length, so that nothing but the number changes.
  local number = string.format("%.0f", first)
  local whole = wrk.format(nil, nil, nil, (template:gsub("@", number)))
  local at = whole:find(number, 1, true)
  before, after = whole:sub(1, at - 1), whole:sub(at + #number)
  -- LuaJIT looks at few places of a long string, so many that are alike and kept make each other slow.
  for index = 1, distinct <= 1000 and distinct or 0 do
    requests[index] = before .. string.format("%.0f", first + index - 1) .. after
  end
end

function request()
  sent = sent + 1
  if #requests > 0 then
    return requests[(sent - 1) % distinct + 1]
  elseif distinct > 0 then
    return before .. string.format("%.0f", first + sent % distinct) .. after
  end
  return before .. string.format("%.0f", first + sent) .. after
end

function done(summary, latency)
  local wrong = summary.errors
  print(string.format('{"requests":%d,"seconds":%f,"bytes":%.0f,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}',
    summary.requests, summary.duration / 1e6, summary.bytes, wrong.status, wrong.connect, wrong.read, wrong.write, wrong.timeout))
end
