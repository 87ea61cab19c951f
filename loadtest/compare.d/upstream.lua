-- The fixed upstream. A plain request gets the one document; a stream gets as many chunks as its model says, at the pace
-- its model says: "s-200-10" is 200 chunks, one every 10 ms; without a pause each is flushed alone nevertheless.
ngx.req.read_body()
local body = ngx.req.get_body_data() or ""
local id = '{"id":"cmpl-fixed","object":"text_completion","created":1700000000,"model":"fixed","choices":['
local usage = '"usage":{"prompt_tokens":12,"completion_tokens":200,"total_tokens":212}}'

if not body:find('"stream"%s*:%s*true') then
  local text = ("All work and no play makes a dull proxy. "):rep(8)
  local document = id .. '{"text":"' .. text .. '","index":0,"logprobs":null,"finish_reason":"stop"}],' .. usage .. "\n"
  ngx.header.content_type = "application/json"
  ngx.header.content_length = #document
  ngx.print(document)
  return
end

local count, pause = body:match('"model"%s*:%s*"s%-(%d+)%-(%d+)"')
count, pause = tonumber(count), tonumber(pause) / 1000
ngx.header.content_type = "text/event-stream"
ngx.header.x_accel_buffering = "no"
for number = 1, count do
  local reason = number == count and '"stop"' or "null"
  ngx.print("data: ", id, '{"text":" word', number % 10, '","index":0,"logprobs":null,"finish_reason":', reason, "}]}\n\n")
  if not ngx.flush(true) then
    return
  end
  if pause > 0 and number < count then
    ngx.sleep(pause)
  end
end
if body:find("include_usage", 1, true) then
  ngx.print("data: ", id, "],", usage, "\n\n")
end
ngx.print("data: [DONE]\n\n")
