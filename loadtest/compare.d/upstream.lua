-- The fixed upstream. A plain request gets the one document, for completions and chat of one length; a stream gets as many
-- chunks as its model says, at the pace its model says: "s-200-10" is 200 chunks, one every 10 ms; without a pause each is
-- flushed alone nevertheless. Model "large" gets a document as long as that of an embedding of 1,536 numbers.
ngx.req.read_body()
local body = ngx.req.get_body_data() or ""
local id = '{"id":"cmpl-fixed","object":"text_completion","created":1700000000,"model":"fixed","choices":['
local chat = ngx.var.uri:find("chat", 1, true)
local usage = '"usage":{"prompt_tokens":12,"completion_tokens":200,"total_tokens":212}}'

local function vector()
  local numbers = {}
  for index = 1, 1536 do
    numbers[index] = string.format("%.9f", (index * 7919 % 1999 - 999) / 20011)
  end
  return '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[' .. table.concat(numbers, ",")
    .. ']}],"model":"fixed","usage":{"prompt_tokens":12,"total_tokens":12}}\n'
end

local function written(text)
  local said = chat and '"message":{"role":"assistant","content":"' .. text .. '"}' or '"text":"' .. text .. '"'
  return id .. "{" .. said .. ',"index":0,"logprobs":null,"finish_reason":"stop"}],' .. usage .. "\n"
end

local function filled(length)
  local rest = length - #written("")
  return written(("All work and no play makes a dull proxy. "):rep(math.ceil(rest / 41)):sub(1, rest))
end

if not body:find('"stream"%s*:%s*true') then
  local document = ngx.var.uri:find("embeddings", 1, true) and vector()
    or filled(body:find('"large"', 1, true) and #vector() or 500)
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
  local before, after = '{"text":" word', '"'
  if chat then
    before, after = '{"delta":{"content":" word', '"}'
  end
  ngx.print("data: ", id, before, number % 10, after, ',"index":0,"logprobs":null,"finish_reason":', reason, "}]}\n\n")
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
