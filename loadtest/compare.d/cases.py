"""What is compared: the bodies, who is asked, against whom, and what must be true of the answers."""

import http.client
import json
import re
from dataclasses import dataclass

from drivers import NUMBERS

PROMPT = "Story number @, please: what happened, to whom, and why should anybody care about it today?"


def body(model: str, temperature: float, **more) -> str:
    """@ is the number that makes it one of its own."""
    return json.dumps({"model": model, "prompt": PROMPT, "max_tokens": 200, "temperature": temperature, **more})


def chat(model: str, temperature: float, **more) -> str:
    messages = [{"role": "user", "content": PROMPT}]
    return json.dumps({"model": model, "messages": messages, "max_tokens": 200, "temperature": temperature, **more})


@dataclass(frozen=True)
class Case:
    """`against` is the case and the server whose CPU is 1; `calls` is what a request costs the upstream."""

    name: str
    title: str
    how: str
    body: str
    servers: tuple
    against: tuple
    target: str = ""
    unit: str = "request"
    calls: int = 1
    chunks: int = 0
    distinct: int = 0
    rate: float = 0
    connections: int = 16
    path: str = "/v1/completions"
    peers: bool = False  # whether other gateways take part, where they are asked for

    @property
    def hasty(self) -> str:
        """Its body, but for pauses in a stream, so that as much as possible is seen of it in little time."""
        return re.sub(r'"s-\d+-[1-9]\d*"', '"s-20-0"', self.body)


KEPT = 1024  # different bodies of hits
PROXIES = ("direct", "nginx", "haproxy", "refrain")
PACED = 20  # ms between two chunks
LONG = 100  # chunks of a paced stream
STREAMS = 100  # of them at once

CASES = (
    Case(
        "hit",
        "memory hit, plain; one event loop, one worker",
        "closed",
        body("plain", 0),
        ("nginx-cache", "refrain"),
        ("hit", "nginx-cache"),
        "<= 1.0",
        calls=0,
        distinct=KEPT,
    ),
    Case(
        "replay",
        "memory hit, stream of 200 chunks",
        "closed",
        body("s-200-0", 0, stream=True),
        ("nginx-cache", "refrain"),
        ("hit", "refrain"),
        "<= 1.5",
        calls=0,
        distinct=KEPT // 4,
    ),
    Case(
        "chat-hit",
        "memory hit of a chat, as long as that of a completion",
        "closed",
        chat("plain", 0),
        ("nginx-cache", "refrain"),
        ("hit", "refrain"),
        "<= 1.1",
        calls=0,
        distinct=KEPT,
        path="/v1/chat/completions",
    ),
    Case(
        "large-hit",
        "memory hit of a completion as long as an embedding of 1,536 numbers",
        "closed",
        body("large", 0),
        ("nginx-cache", "refrain"),
        ("large-hit", "nginx-cache"),
        calls=0,
        distinct=KEPT,
    ),
    Case(
        "embeddings-hit",
        "memory hit of an embedding of 1,536 numbers",
        "closed",
        json.dumps({"model": "vector", "input": PROMPT}),
        ("nginx-cache", "refrain"),
        ("large-hit", "refrain"),
        "<= 1.1",
        calls=0,
        distinct=KEPT,
        path="/v1/embeddings",
    ),
    Case(
        "redis",
        "Redis hit, plain; memory holds nothing",
        "closed",
        body("plain", 0),
        ("refrain-redis",),
        ("hit", "refrain"),
        "<= 2.5",
        calls=0,
        distinct=KEPT,
    ),
    Case(
        "miss",
        "miss, plain",
        "closed",
        body("plain", 0),
        ("nginx", "haproxy", "refrain"),
        ("miss", "haproxy"),
        "<= 1.8",
        peers=True,
    ),
    Case(
        "latency",
        "miss, plain; one connection, open loop",
        "open",
        body("plain", 0),
        PROXIES,
        ("latency", "haproxy"),
        "p50 <= 40, p99 <= 250 added",
        rate=1000,
        connections=1,
    ),
    Case(
        "relay",
        f"stream passed on, sampled; {STREAMS} streams, a chunk every {PACED} ms",
        "open",
        body(f"s-{LONG}-{PACED}", 1, stream=True),
        PROXIES,
        ("relay", "nginx"),
        "<= 1.2",
        peers=True,
        unit="chunk",
        chunks=LONG,
        rate=STREAMS * 1000 / (LONG * PACED),
        connections=STREAMS * 3,
    ),
    Case(
        "chat-relay",
        "the same of a chat",
        "open",
        chat(f"s-{LONG}-{PACED}", 1, stream=True),
        ("nginx", "refrain"),
        ("relay", "nginx"),
        "<= 1.2",
        unit="chunk",
        chunks=LONG,
        rate=STREAMS * 1000 / (LONG * PACED),
        connections=STREAMS * 3,
        path="/v1/chat/completions",
    ),
    Case(
        "record",
        "a stream of completions passed on, kept on its way",
        "open",
        body(f"s-{LONG}-{PACED}", 0, stream=True),
        ("refrain",),
        ("relay", "nginx"),
        unit="chunk",
        chunks=LONG,
        rate=STREAMS * 1000 / (LONG * PACED),
        connections=STREAMS * 3,
    ),
    Case(
        "merge",
        f"four voices in one stream (n = 4), sampled; {STREAMS} upstream streams",
        "open",
        body(f"s-{LONG}-{PACED}", 1, stream=True, n=4),
        ("refrain",),
        ("relay", "nginx"),
        "<= 1.6",
        unit="chunk",
        calls=4,
        chunks=4 * LONG,
        rate=STREAMS / 4 * 1000 / (LONG * PACED),
        connections=STREAMS,
    ),
    Case(
        "ttft",
        "500 streams at once, 250 begun a second, a chunk every 200 ms",
        "open",
        body("s-11-200", 1, stream=True),
        PROXIES[:3] + ("refrain-wide",),
        ("ttft", "nginx"),
        "p99 <= 1000 added",
        unit="chunk",
        chunks=11,
        rate=250,
        connections=2000,
    ),
    Case(
        "many",
        "5000 streams at once, a chunk a second each",
        "hold",
        body("s-3600-1000", 1, stream=True),
        ("nginx", "haproxy", "refrain-wide"),
        ("many", "nginx"),
        "RSS <= 400 MB, <= 60 % of a core",
        unit="chunk",
        chunks=3600,
        rate=1000,
        connections=5000,
    ),
    Case(
        "sustained",
        "hits at 80 % of the best, open loop",
        "sustained",
        body("plain", 0),
        ("nginx-cache", "refrain"),
        ("sustained", "nginx-cache"),
        "p99.9 <= 20000",
        calls=0,
        distinct=KEPT,
        connections=64,
    ),
)


class Wrong(SystemExit):
    """An answer that is not what it must be: no figure is worth anything then."""


def ask(server, path: str, text: str) -> tuple:
    """Status, Cache-Status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("POST", path, text, {"Content-Type": "application/json", **server.headers})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Cache-Status", ""), answer.read()
    finally:
        connection.close()


def verify(case: Case, server, direct) -> int:
    """That it answers as the upstream does, and from its cache where it shall. The length of a body; -1 where several
    streams are one, and any order will do."""
    text = (case.hasty if case.how == "hold" else case.body).replace("@", str(NUMBERS - 1))
    _, _, wanted = ask(direct, case.path, text)
    answers = [ask(server, case.path, text), ask(server, case.path, text)]
    for status, _, said in answers:
        same = said == wanted
        if server.rewrites or case.calls > 1:
            same = voices(said) == voices(wanted) * max(1, case.calls)
        if status != 200 or not same:
            raise Wrong(f"compare: {case.name}: {server.name} answers {status} {said[:300]!r} (expected: {wanted[:300]!r})")
    if not case.calls and "hit" not in answers[1][1].lower():
        raise Wrong(f"compare: {case.name}: {server.name} does not keep: Cache-Status {answers[1][1]!r}")
    return -1 if server.rewrites or case.calls > 1 else len(wanted)


def voices(answer: bytes) -> list:
    """What each choice says, by index; of a document or of a stream."""
    said = {}
    for line in answer.decode().splitlines():
        if line.startswith(("data: {", "{")):
            for choice in json.loads(line[line.index("{") :])["choices"]:
                said.setdefault(choice["index"], []).append((choice["text"], choice["finish_reason"]))
    return [said[index] for index in sorted(said)]
