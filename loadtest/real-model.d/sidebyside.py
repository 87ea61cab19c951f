"""The same requests to an engine, directly and through Refrain, twice: sidebyside.py ENGINE_URL BIN_REFRAIN

Starts a proxy before the engine (ENGINE_URL has no /v1), sends every case of CASES directly, through the proxy, and
through the proxy again, and compares status and answer. Prints a row a case, with the Cache-Status of the second; ends
with status 0 only if every case is the same. Standard library only. Written for vLLM, whose texts at temperature 0
(and with a seed) do not depend on what else it does in float32.

An answer is the same if its members are, without ids, times, nulls and what the engine found in a cache of its own;
probabilities count to three places. The chunks of a stream are put together first, because an engine cuts its text by its
own pace. Usage that an engine writes into streams unasked is not compared. Of a sampled request for several choices only
their number is compared: Refrain asks for each of them with a seed of its own.

Some differences are meant, and are named in place of "same":

    own words   both refuse, Refrain in words of its own
    refused     Refrain refuses values outside the range that the API publishes, and the engine takes them
    answered    Refrain answers what the engine refuses: several choices at temperature 0, numbers written as texts
    counted     Refrain sums the usage of several choices, and the engine reports that of the first
"""

import collections
import http.client
import json
import sys
import tempfile
import urllib.parse

from rig import Proxy

COMPLETIONS, CHAT = "/v1/completions", "/v1/chat/completions"
MODEL = "smollm2"
VOLATILE = {"id", "created", "request_id", "created_at", "completed_at", "timings", "cached_tokens"}
LONG_TEXT = "a b c d e f g h " * 1500


def text(prompt="The sea is", **more) -> tuple[str, dict]:
    return COMPLETIONS, {"model": MODEL, "prompt": prompt, "max_tokens": 12, "temperature": 0, **more}


def chat(said="Name three colours.", **more) -> tuple[str, dict]:
    messages = more.pop("messages", [{"role": "user", "content": said}])
    return CHAT, {"model": MODEL, "messages": messages, "max_tokens": 12, "temperature": 0, **more}


def without(case: tuple[str, dict], *names: str) -> tuple[str, dict]:
    return case[0], {name: value for name, value in case[1].items() if name not in names}


TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
HELLO = [{"role": "user", "content": "Hello"}]
USAGE, CONTINUOUS = {"include_usage": True}, {"include_usage": True, "continuous_usage_stats": True}

CASES = {
    # Completions: one choice.
    "plain": text(),
    "stream": text("The moon is", stream=True),
    "stream after plain": text(stream=True),
    "plain after stream": text("The moon is"),
    "stream with usage": text(stream=True, stream_options=USAGE),
    "stream with usage in every chunk": text(stream=True, stream_options=CONTINUOUS),
    "stream without usage, in every chunk": text(stream=True, stream_options={**CONTINUOUS, "include_usage": False}),
    "one token": text(max_tokens=1),
    "no token": text(max_tokens=0),
    "max_tokens null": text(max_tokens=None, stop="."),
    "logprobs 0": text(logprobs=0),
    "logprobs 1": text(logprobs=1),
    "logprobs 5, stream": text(logprobs=5, stream=True),
    "logprobs 20": text(logprobs=20),
    "logprobs 21": text(logprobs=21),
    "logprobs -1": text(logprobs=-1, max_tokens=1),
    "prompt_logprobs": text(prompt_logprobs=1),
    "echo": text(echo=True),
    "echo, stream": text("The sun is", echo=True, stream=True),
    "echo with logprobs": text(echo=True, logprobs=1),
    "echo with logprobs, one token": text(echo=True, logprobs=1, max_tokens=1),
    "echo with logprobs, no token": text(echo=True, logprobs=1, max_tokens=0),
    "stop text": text(stop=" the"),
    "stop texts": text(stop=[" the", "."]),
    "stop_token_ids": text(stop_token_ids=[28, 30]),
    "include_stop_str_in_output": text(stop=".", include_stop_str_in_output=True, max_tokens=40),
    "min_tokens": text(min_tokens=3),
    "ignore_eos": text(ignore_eos=True, max_tokens=30),
    "repetition_penalty": text(repetition_penalty=1.2),
    "presence and frequency penalty": text(presence_penalty=0.5, frequency_penalty=0.5),
    "logit_bias": text(logit_bias={"100": 50}),
    "allowed_token_ids": text(allowed_token_ids=[100, 200, 300]),
    "skip_special_tokens": text(skip_special_tokens=False),
    "add_special_tokens": text(add_special_tokens=False),
    "return_token_ids": text(return_token_ids=True),
    "return_token_ids, stream": text(return_token_ids=True, stream=True),
    "return_tokens_as_token_ids": text(return_tokens_as_token_ids=True, logprobs=1),
    "truncate_prompt_tokens": text("one two three four five six", truncate_prompt_tokens=3),
    "structured outputs, a choice": text("Yes or no? ", structured_outputs={"choice": ["yes", "no"]}),
    "structured outputs, a pattern": text("A number: ", structured_outputs={"regex": "[0-9]{3}"}),
    "structured outputs, a schema": text("JSON: ", structured_outputs={"json": SCHEMA}, max_tokens=40),
    "response_format": text("JSON: ", response_format={"type": "json_object"}, max_tokens=20),
    "seed at 0": text(seed=7),
    "seed at 0.8": text(seed=7, temperature=0.8),
    "seed at 0.8, stream": text(seed=7, temperature=0.8, stream=True),
    "top_k 1 without a temperature": without(text(top_k=1), "temperature"),
    "user": text(user="somebody"),
    "priority": text(priority=0),
    "an unknown field": text(made_up=True),
    "numbers as texts": text(max_tokens="12", temperature="0"),
    # Completions: many.
    "n = 3": text(n=3),
    "n = 3, stream": text("Once upon", n=3, stream=True),
    "n = 3 at 0.8": text(n=3, temperature=0.8),
    "n = 2 with logprobs": text(n=2, logprobs=1),
    "n = 2, usage in every chunk": text("Twice", n=2, stream=True, stream_options=USAGE),
    "three prompts": text(["One", "Two", "Three"]),
    "three prompts, stream": text(["Four", "Five", "Six"], stream=True),
    "three prompts, one known": text(["One", "Seven", "Eight"]),
    "two prompts, n = 2": text(["Nine", "Ten"], n=2),
    "two prompts with echo and logprobs": text(["Two and two", "Three and"], echo=True, logprobs=1, max_tokens=1),
    "equal prompts": text(["Same", "Same"]),
    "a prompt of tokens": text([504, 3512, 314]),
    "prompts of tokens": text([[504, 3512, 314], [504, 5151]]),
    "prompts of both kinds": text(["One", [504, 5151]]),
    "texts among tokens": text([504, "One"]),
    # Completions: refused by the engine.
    "an empty prompt": text(""),
    "no prompts": text([]),
    "prompt null": text(None),
    "no prompt": without(text(), "prompt"),
    "no model": without(text(), "model"),
    "model null": text(model=None),
    "a model it lacks": text(model="gpt-9"),
    "a model it lacks, stream": text(model="gpt-9", stream=True),
    "too long": text(LONG_TEXT),
    "too long, stream": text(LONG_TEXT, stream=True),
    "one of two too long": text(["short", LONG_TEXT]),
    "a number as prompt": text(5),
    "temperature -1": text(temperature=-1),
    "n = 0": text(n=0),
    "max_tokens -1": text(max_tokens=-1),
    "top_p 2": text(top_p=2),
    "suffix": text(suffix="end"),
    "best_of": text(best_of=2),
    "use_beam_search": text(use_beam_search=True, n=2),
    "stream_options without a stream": text(stream_options=USAGE),
    # Chats.
    "chat": chat(),
    "chat, stream": chat("Name a river.", stream=True),
    "chat, stream after plain": chat(stream=True),
    "chat, plain after stream": chat("Name a river."),
    "chat, stream with usage": chat(stream=True, stream_options=USAGE),
    "chat, usage in every chunk": chat(stream=True, stream_options=CONTINUOUS),
    "chat, max_completion_tokens": without(chat(max_completion_tokens=5), "max_tokens"),
    "chat, logprobs": chat(logprobs=True, top_logprobs=2),
    "chat, logprobs, stream": chat(logprobs=True, top_logprobs=2, stream=True),
    "chat, n = 3": chat(n=3),
    "chat, n = 3, stream": chat("Name a lake.", n=3, stream=True),
    "chat, system": chat(messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]),
    "chat, content in parts": chat(messages=[{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]),
    "chat, continued": chat(
        messages=[{"role": "user", "content": "Count."}, {"role": "assistant", "content": "One, two,"}],
        continue_final_message=True,
        add_generation_prompt=False,
    ),
    "chat, echo": chat(echo=True),
    "chat, stop": chat(stop=["\n"]),
    "chat, json_object": chat("JSON, please.", response_format={"type": "json_object"}, max_tokens=20),
    "chat, json_schema": chat(
        "JSON, please.", response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}, max_tokens=40
    ),
    "chat, a tool, none wanted": chat(tools=[TOOL], tool_choice="none"),
    "chat, a tool, auto": chat(tools=[TOOL], tool_choice="auto"),
    "chat, a named tool": chat(
        tools=[TOOL], tool_choice={"type": "function", "function": {"name": "weather"}}, max_tokens=40
    ),
    "chat, a named tool, stream": chat(
        tools=[TOOL], tool_choice={"type": "function", "function": {"name": "weather"}}, max_tokens=40, stream=True
    ),
    "chat, chat_template_kwargs": chat(chat_template_kwargs={"enable_thinking": False}),
    "chat, return_token_ids": chat(return_token_ids=True),
    "chat, seed at 0.8": chat(seed=7, temperature=0.8),
    "chat, no messages": chat(messages=[]),
    "chat, messages missing": without(chat(), "messages"),
    "chat, a role it lacks": chat(messages=[{"role": "robot", "content": "Hello"}]),
    "chat, content null": chat(messages=[{"role": "user", "content": None}]),
    "chat, too long": chat(LONG_TEXT),
    # What the engine has besides.
    "embeddings, not served": ("/v1/embeddings", {"model": MODEL, "input": "hello"}),
    "responses": ("/v1/responses", {"model": MODEL, "input": "Hello", "max_output_tokens": 12, "temperature": 0}),
    "messages": ("/v1/messages", {"model": MODEL, "max_tokens": 12, "temperature": 0, "messages": HELLO}),
    "tokenize": ("/tokenize", {"model": MODEL, "prompt": "The sea is"}),
    "models": ("/v1/models", None),
    "a model": ("/v1/models/" + MODEL, None),
    "a path it lacks": ("/v1/nothing", None),
    "not JSON": (COMPLETIONS, b"{"),
}


class Asked:
    def __init__(self, base: str, path: str, body):
        url = urllib.parse.urlsplit(base)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=300)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": "Bearer side-by-side"} | ({"Content-Type": "application/json"} if data else {})
        connection.request("POST" if data else "GET", path, data, headers)
        response = connection.getresponse()
        self.status = response.status
        self.cached = response.getheader("Cache-Status", "")
        self.raw = response.read().decode()
        connection.close()
        self.streamed = response.getheader("Content-Type", "").startswith("text/event-stream")

    def told(self, count_only: bool):
        try:
            seen = folded(self.raw) if self.streamed else [without_noise(json.loads(self.raw))]
        except (ValueError, KeyError, TypeError) as broken:
            return self.status, f"{type(broken).__name__}: {self.raw[:200]}"
        if count_only and self.status == 200:
            return self.status, len(seen[0]["choices"])
        return self.status, seen


def without_noise(value):
    if isinstance(value, dict):
        return {k: without_noise(v) for k, v in sorted(value.items()) if v is not None and k not in VOLATILE}
    if isinstance(value, list):
        return [without_noise(each) for each in value]
    return round(value, 3) if isinstance(value, float) else value


def join(one, two):
    """What two fragments of a stream say together."""
    if isinstance(one, dict) and isinstance(two, dict):
        return one | {k: join(one[k], v) if k in one else v for k, v in two.items()}
    if isinstance(one, list) and isinstance(two, list):
        return one + two
    return one + two if isinstance(one, str) and isinstance(two, str) else two


def folded(raw: str) -> list:
    """The choices by index, the members beside them, and how many chunks carried usage (none, some, all)."""
    choices, beside, errors, chunks, counted = {}, {}, [], 0, 0
    done = "data: [DONE]" in raw
    for line in raw.splitlines():
        if not line.startswith("data: {"):
            continue
        chunk = json.loads(line[6:])
        if "error" in chunk:
            errors.append(without_noise(chunk))
            continue
        chunks += 1
        counted += chunk.get("usage") is not None
        for choice in map(without_noise, chunk.pop("choices")):
            index = choice.pop("index")
            choices[index] = join(choices.get(index, {}), choice)
        beside |= without_noise({k: v for k, v in chunk.items()})
    often = "none" if not counted else "all" if counted == chunks else "some"
    return [{"choices": [choices[index] for index in sorted(choices)], **beside}, errors, done, often]


def without_unasked_usage(body, told: list) -> list:
    asked = isinstance(body, dict) and (body.get("stream_options") or {}).get("include_usage")
    streamed = all(isinstance(seen, list) and len(seen) == 4 for _, seen in told)
    if asked or not streamed or told[0][1][3] == "none":
        return told
    for _, seen in told:
        seen[0].pop("usage", None)
        seen[3] = "unasked"
    return told


def uncounted(told):
    return told[0], [{**told[1][0], "usage": None}, *told[1][1:]] if isinstance(told[1], list) else told[1]


def verdict(body, direct, first, second) -> str:
    if direct == first == second:
        return "same"
    if first == second and first[0] == 400 and '"invalid"' in json.dumps(first[1]):
        return "own words" if direct[0] == 400 else "refused"
    if direct[0] == 400 and first[0] == 200 and first == second:
        return "answered"
    if uncounted(direct) == uncounted(first) == uncounted(second) and len(direct[1][0].get("choices", [])) > 1:
        return "counted"
    return "DIFFERENT"


def main(engine: str, launcher: str) -> int:
    seen = collections.Counter()
    with tempfile.NamedTemporaryFile("w", suffix=".log", delete=False) as log:
        proxy = Proxy(launcher, engine, log)
        through = proxy.url.removesuffix("/v1")
        try:
            for what, (path, body) in CASES.items():
                sampled = isinstance(body, dict) and body.get("n", 1) > 1 and body.get("temperature", 1) != 0
                asked = [Asked(base, path, body) for base in (engine, through, through)]
                told = without_unasked_usage(body, [each.told(sampled) for each in asked])
                judged = verdict(body, *told)
                seen[judged] += 1
                statuses = " ".join(str(each.status) for each in asked)
                print(f"{what:<42} {statuses}  {asked[2].cached:<64} {judged}", flush=True)
                if judged == "DIFFERENT":
                    for name, each in zip(("direct", "first", "second"), told):
                        print(f"    {name}: {json.dumps(each)[:1500]}")
        finally:
            proxy.process.terminate()
            proxy.process.wait(30)
    print(", ".join(f"{count} {judged}" for judged, count in seen.most_common()))
    return 1 if seen["DIFFERENT"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
