"""What is measured: for each curve its series, and for each series its points."""

import json
from dataclasses import dataclass, field

PROMPT = "Story number @, please: what happened, to whom, and why should anybody care about it today?#"
CONNECTIONS = 8
CHUNKS = 1000  # a second, over all paced streams together


def body(model: str = "answer-330", temperature: float = 0, **more) -> str:
    """@ is the number that makes it one of its own; # is where it grows."""
    return json.dumps({"model": model, "prompt": PROMPT, "max_tokens": 200, "temperature": temperature, **more})


@dataclass(frozen=True)
class Point:
    """`distinct` bodies are asked for again and again; 0 is never twice. `streams` makes it a paced one, told by the chunk."""

    curve: str
    series: str
    x: float
    body: str
    server: str = "alone"
    padding: int = 0
    distinct: int = 0
    streams: int = 0
    headers: dict = field(default_factory=dict, compare=False)


HITS = 64
BODY = len(body()) + 9  # bytes of one without padding, its number in it


def points() -> list:
    return [*bodies(), *answers(), *choices(), *chunks(), *streams(), *keys(), *costs()]


def bodies():
    for size in (512, 4096, 32_768, 262_144, 1_000_000):
        yield Point("body", "memory hit", size, body(), padding=size - BODY, distinct=16)
        yield Point("body", "miss", size, body(), padding=size - BODY)


def answers():
    for size in (256, 4096, 32_768, 262_144, 1_048_576):
        yield Point("answer", "memory hit", size, body(f"answer-{size}"), distinct=16)
        yield Point("answer", "miss, not kept", size, body(f"answer-{size}", 1))


def choices():
    for n in (1, 4, 16, 64):
        yield Point("n", "temperature 0, memory hit", n, body(n=n), distinct=HITS)
        yield Point("n", "temperature 1, n calls", n, body(temperature=1, n=n))


def chunks():
    for number in (1, 10, 100, 1000):
        model = f"s-{number}-0"
        yield Point("chunks", "replay from memory", number, body(model, stream=True), distinct=HITS)
        yield Point("chunks", "passed on", number, body(model, 1, stream=True))
        yield Point("chunks", "passed on and kept", number, body(model, stream=True))


def streams():
    for number in (10, 100, 500, 2000):
        text = body(f"s-3600-{1000 * number // CHUNKS}", 1, stream=True)
        yield Point("streams", "passed on", number, text, "wide", streams=number)


def keys():
    for number in (100, 1000, 10_000, 100_000):
        yield Point("keys", "memory hit", number, body(), "keys", distinct=number)


def costs():
    text = body()
    yield Point("costs", "memory hit, plain", 1, text, distinct=HITS)
    yield Point("costs", "memory hit, a new connection for each", 1, text, distinct=HITS, headers={"Connection": "close"})
    yield Point("costs", "miss, plain, no Redis", 1, text)
    yield Point("costs", "miss, plain, Redis without fleet", 1, text, "redis-alone")
    yield Point("costs", "miss, plain, Redis and fleet", 1, text, "redis-fleet")
    yield Point("costs", "Redis hit, plain", 1, text, "redis-only", distinct=HITS)
    paced = body("s-3600-40", stream=True)
    yield Point("costs", "chunk kept, no Redis", 1, paced, "wide", streams=100)
    yield Point("costs", "chunk kept, Redis and fleet", 1, paced, "redis-fleet", streams=100)
