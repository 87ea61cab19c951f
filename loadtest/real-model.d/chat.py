"""Chat completions: each request goes to the engine and through the proxy, in both framings.

A choice is compared as the engine says it itself in the same framing: all members but ids, times and what is null.
"""

import dataclasses
import json

import openai

from rig import KEY, USAGE, Answer, Table, begin, chat, since

STREAM = {"stream": True}
WITH_USAGE = {"stream": True, "stream_options": USAGE}
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 12}, "warm": {"type": "boolean"}},
    "required": ["city", "warm"],
    "additionalProperties": False,
}
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "The weather of a city", "parameters": SCHEMA},
}
KINDS = {
    "chat": {},
    "chat, a system message": {"messages": [{"role": "system", "content": "You are a pirate."}]},
    "chat, parts of content": {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello."}]}]},
    "chat, logprobs": {"logprobs": True, "top_logprobs": 3},
    "chat, stop": {"stop": [" the", "."]},
    "chat, max_completion_tokens": {"max_completion_tokens": 5, "max_tokens": None},
    "chat, json_object": {"response_format": {"type": "json_object"}},
    "chat, json_schema": {
        "response_format": {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA}},
        "max_tokens": 40,
    },
    "chat, reasoning_effort none": {"reasoning_effort": "none"},
    "chat, tool required": {"tools": [WEATHER], "tool_choice": "required", "max_tokens": 60},
    "chat, tool offered": {"tools": [WEATHER]},
}


def without_null(value):
    """What a fold cannot tell apart is left out: null and absent; a call's id is rolled anew for each answer."""
    if isinstance(value, dict):
        return {name: without_null(one) for name, one in value.items() if one is not None and name != "id"}
    return [without_null(one) for one in value] if isinstance(value, list) else value


def grow(whole: dict, piece: dict):
    """Adds the members of a delta, or of its choice, to those that came before."""
    for name, value in piece.items():
        if name == "tool_calls":
            calls = whole.setdefault(name, {})
            for fragment in value:
                grow(calls.setdefault(fragment["index"], {}), {**fragment, "index": None})
        elif isinstance(value, dict):
            grow(whole.setdefault(name, {}), value)
        elif value is not None:
            text = name in ("content", "arguments", "refusal", "reasoning_content", "reasoning")
            whole[name] = whole[name] + value if name in whole and (text or isinstance(value, list)) else value


def folded(events: list[dict]) -> list[dict]:
    choices = {}
    for choice in (choice for event in events for choice in event["choices"]):
        grow(choices.setdefault(choice["index"], {}), {**choice, "message": choice["delta"], "delta": None})
    for choice in choices.values():
        calls = choice["message"].pop("tool_calls", None)
        if calls:
            choice["message"]["tool_calls"] = [calls[index] for index in sorted(calls)]
    return [choices[index] for index in sorted(choices)]


@dataclasses.dataclass
class Said(Answer):
    """Besides the texts, the members of each choice; and those of the answer that are the same for all."""

    choices: list[dict] = dataclasses.field(default_factory=list)
    kind: str = ""


class Python:
    """The official SDK, asked for chats."""

    def __init__(self, url: str):
        self.client = openai.OpenAI(base_url=url, api_key=KEY, max_retries=0)

    def ask(self, request: dict) -> Said:
        start = begin()
        raw = self.client.chat.completions.with_raw_response.create(**request)
        answer = raw.parse()
        parts = list(answer) if request.get("stream") else [answer]
        events = [part.to_dict(exclude_unset=True) for part in parts]
        choices = without_null(folded(events) if request.get("stream") else events[0]["choices"])
        texts = [choice["message"].get("content", "") for choice in choices]
        usage = next((event["usage"] for event in reversed(events) if event.get("usage")), None)
        kind = f"{events[0]['object']} {events[0]['model']}"
        status = raw.headers.get("cache-status", "")
        return Said(texts, usage, status, since(start), parts=events, choices=choices, kind=kind)

    def accumulated(self, request: dict) -> Said:
        """The same by the helper for streams, which folds it and fails at a chunk that does not fit."""
        start = begin()
        with self.client.chat.completions.stream(**request) as stream:
            kinds = [event.type for event in stream]
            answer = stream.get_final_completion().to_dict(exclude_unset=True)
            status = stream._response.headers.get("cache-status", "")  # noqa: SLF001: it has no other way to it
        choices = without_null(answer["choices"])
        texts = [choice["message"].get("content", "") for choice in choices]
        return Said(texts, answer.get("usage"), status, since(start), parts=kinds, choices=choices)


def same(one: Said, other: Said) -> bool:
    """In the same framing: numbers of logprobs may differ in their last places with what else the engine is at."""
    return one.kind == other.kind and rounded(one.choices) == rounded(other.choices) != []


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 3) if isinstance(value, float) else value


def try_kinds(table: Table, direct: Python, through: Python):
    for what, more in KINDS.items():
        for order in ((plain_first, "plain then stream"), (stream_first, "stream then plain")):
            request = chat(f"Tell me of Paris, {order[1]}.", **more)
            wanted = {framing: direct.ask(request | framing_of(framing)) for framing in ("plain", "stream")}

            def judge(first, second, names=order[0]):
                paid = first.calls == 1 and first.engine > 0 and second.kept
                return paid and same(first, wanted[names[0]]) and same(second, wanted[names[1]])

            one, two = (request | framing_of(name) for name in order[0])
            table.pair(f"{what}, {order[1]}", [through], one, two, judge)


plain_first, stream_first = ("plain", "stream"), ("stream", "plain")


def framing_of(name: str) -> dict:
    return {} if name == "plain" else WITH_USAGE


def try_copies(table: Table, direct: Python, through: Python):
    request = chat("Name a colour.")
    single = direct.ask(request)

    def copies(answer: Said) -> bool:
        usage, one = answer.usage, single.usage
        counted = usage["prompt_tokens"] == one["prompt_tokens"]
        counted = counted and usage["completion_tokens"] == 3 * one["completion_tokens"]
        return counted and answer.texts == single.texts * 3

    def judge(first, second):
        return first.calls == 1 and second.kept and copies(first) and copies(second)

    three = request | {"n": 3}
    table.pair("chat, n = 3, plain then stream", [through], three, three | WITH_USAGE, judge)

    def paid(first, second):
        each = [answer.calls == 3 and len(answer.texts) == 3 for answer in (first, second)]
        return all(each) and "detail=sampled" in second.status

    warm = chat("Name an animal.", n=3, temperature=0.9)
    table.pair("chat, n = 3 at 0.9, plain and stream", [through], warm, warm | WITH_USAGE, paid)


def try_helper(table: Table, url: str):
    """``client.chat.completions.stream``, which is a client of its own."""
    python = Python(url)
    # It takes an answer that ended for its length for an error.
    request = chat("Name a river.", logprobs=True, stop=[",", "."], max_tokens=100)
    whole = table.metered(python, request)
    generated, calls = table.engine.generated(), table.proxy.calls()
    helped = python.accumulated(request)
    helped.engine, helped.calls = table.engine.generated() - generated, table.proxy.calls() - calls
    good = whole.calls == 1 and helped.kept and helped.texts == whole.texts != [""]
    good = good and {"content.delta", "content.done", "chunk"} <= set(helped.parts)
    good = good and helped.choices[0]["logprobs"] == whole.choices[0]["logprobs"]
    costs = [(answer.calls, answer.engine) for answer in (whole, helped)]
    what = "chat, completions.stream after plain"
    table.row(what, "Python", helped.status, good, (whole.ms, helped.ms), costs)


def try_all(table: Table):
    direct, through = (Python(url) for url in (table.engine.url + "/v1", table.proxy.url))
    try_kinds(table, direct, through)
    try_copies(table, direct, through)
    try_helper(table, table.proxy.url)
