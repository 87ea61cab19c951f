-- The upstream of the curves: answers whose text is as long as their model says ("answer-65536"), in all choices asked for
-- as one; every other model as the upstream of loadtest/compare does.
ngx.req.read_body()
local body = ngx.req.get_body_data() or ""
local size = body:sub(1, 200):match('"model"%s*:%s*"answer%-(%d+)"')
if not size then
  -- Not dofile, through which nothing may wait.
  return loadfile("@compare@/upstream.lua")()
end
local document = '{"id":"cmpl-fixed","object":"text_completion","created":1700000000,"model":"fixed","choices":[{"text":"'
  .. ("All work and no play makes a dull proxy. "):rep(size / 41) .. ("."):rep(size % 41)
  .. '","index":0,"logprobs":null,"finish_reason":"stop"}],'
  .. '"usage":{"prompt_tokens":12,"completion_tokens":200,"total_tokens":212}}\n'
ngx.header.content_type = "application/json"
ngx.header.content_length = #document
ngx.print(document)
