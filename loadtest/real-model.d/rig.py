"""The two servers, the clients that ask, and the table of what was seen.

What a call cost is read from those who know: the tokens generated from the engine (GET /metrics), the calls begun
from the proxy's management port.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable

import openai

HERE = pathlib.Path(__file__).parent
KEY = "real-model"
USAGE = {"include_usage": True}
LONG = 600


@dataclasses.dataclass
class Answer:
    """What one call gave: the text of each choice, by index; and what it cost."""

    texts: list[str]
    usage: dict | None
    status: str
    ms: float
    calls: int = 0
    engine: int = 0
    parts: list = dataclasses.field(default_factory=list, repr=False)

    @property
    def text(self) -> str:
        return self.texts[0]

    @property
    def kept(self) -> bool:
        return self.status.startswith("refrain; hit") and self.calls == self.engine == 0


def begin() -> float:
    return time.perf_counter()


def since(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def call(prompt: str, **more) -> dict:
    return {"model": "smollm2", "prompt": prompt, "max_tokens": 24, "temperature": 0, **more}


def chat(text: str, **more) -> dict:
    messages = [*more.pop("messages", []), {"role": "user", "content": text}]
    return {"model": "smollm2", "messages": messages, "max_tokens": 24, "temperature": 0, **more}


@dataclasses.dataclass(frozen=True)
class Api:
    """An endpoint that streams: requests for a prompt, the resource of the SDK, the text of a chunk's choice."""

    path: str
    request: Callable[..., dict]
    of: Callable
    text: Callable

    def row(self, what: str) -> str:
        return f"chat, {what}" if self.path == CHAT.path else what


COMPLETIONS = Api("/completions", call, lambda client: client.completions, lambda choice: choice.text)
CHAT = Api(
    "/chat/completions", chat, lambda client: client.chat.completions, lambda choice: choice.delta.content or ""
)


# --- The two servers ----------------------------------------------------------


class Engine:
    def __init__(self, mode: str = "2"):
        self.mode = mode
        command = [sys.executable, str(HERE / "engine.py"), "0", mode]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise SystemExit("real-model: the engine did not start (try real-model.d/engine.py alone)")

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=30) as response:
            return response.read().decode()

    def generated(self) -> int:
        """Tokens generated since the start; with embeddings, tokens read."""
        name = "prompt_tokens_total" if self.mode == "embeddings" else "tokens_predicted_total"
        count = re.search(rf"^llamacpp:{name} (\S+)$", self.get("/metrics"), re.M)
        return int(float(count.group(1)))

    def tokens(self, text: str) -> list[int]:
        body = json.dumps({"content": text}).encode()
        with urllib.request.urlopen(self.url + "/tokenize", body, timeout=30) as response:
            return json.load(response)["tokens"]

    def slots(self) -> list[dict]:
        """Those at work."""
        return [slot for slot in json.loads(self.get("/slots")) if slot["is_processing"]]

    def busy(self) -> int:
        return len(self.slots())

    def deferred(self) -> int:
        """Calls that wait for a slot."""
        return int(re.search(r"^llamacpp:requests_deferred (\d+)", self.get("/metrics"), re.M).group(1))

    def wait_until_amid(self, asker: subprocess.Popen, slots: int, tokens: int):
        """Until so many slots are at work for this process, and each has said so many tokens."""
        start = begin()
        while [slot["next_token"][0]["n_decoded"] >= tokens for slot in self.slots()] != [True] * slots:
            if asker.poll() is not None or since(start) > 120_000:
                raise AssertionError(f"{self.busy()} slots at work for a client of status {asker.poll()}")
            time.sleep(0.01)

    def wait_for(self, slots: int, seconds: float) -> float:
        """Milliseconds until so many slots are at work."""
        start = begin()
        while self.busy() != slots:
            if since(start) > seconds * 1000:
                raise AssertionError(f"not {slots} slots at work after {seconds} s")
            time.sleep(0.01)
        return since(start)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxy:
    def __init__(self, launcher: str, upstream: str, log, **environment):
        port, management = free_port(), free_port()
        ports = {"REFRAIN_PORT": str(port), "REFRAIN_MANAGEMENT_PORT": str(management)}
        env = {**os.environ, **ports, "REFRAIN_UPSTREAM_URL": upstream, **environment}
        self.process = subprocess.Popen([launcher, "serve"], env=env, stdout=log, stderr=log)
        self.url = f"http://127.0.0.1:{port}/v1"
        self.management = f"http://127.0.0.1:{management}"
        self.wait_until_ready(self.management + "/health/ready")

    def metric(self, name: str) -> int:
        with urllib.request.urlopen(self.management + "/metrics", timeout=30) as response:
            values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", response.read().decode(), re.M)
            return int(sum(map(float, values)))

    def calls(self) -> int:
        """Calls begun since the start."""
        return self.metric("refrain_upstream_calls_total")

    def wait_until_ready(self, url: str):
        for _ in range(1200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url, timeout=5).close()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit("real-model: refrain did not start; see refrain.log in the work folder")


# --- The clients ---------------------------------------------------------------


def texts(choices) -> list[str]:
    """The texts of (index, piece) in the order of the indexes; fails if one is left out."""
    said = {}
    for index, piece in choices:
        said[index] = said.get(index, "") + piece
    return [said[index] for index in range(len(said))]


class Python:
    """The official SDK, one call at a time."""

    def __init__(self, url: str):
        self.client = openai.OpenAI(base_url=url, api_key=KEY, max_retries=0)

    def ask(self, request: dict) -> Answer:
        start = begin()
        raw = self.client.completions.with_raw_response.create(**request)
        answer = raw.parse()
        # llama.cpp begins a stream of several prompts with the event "null", and the SDK gives a None.
        parts = list(filter(None, answer)) if request.get("stream") else [answer]
        said = texts((choice.index, choice.text) for part in parts for choice in part.choices)
        usage = next((part.usage.model_dump() for part in reversed(parts) if part.usage), None)
        status = raw.headers.get("cache-status", "")
        return Answer(said, usage, status, since(start), parts=parts)


class Node:
    """The official SDK in a process of its own."""

    def __init__(self, url: str, node: str, work: str):
        command = [node, str(HERE / "client.mjs"), url]
        self.process = subprocess.Popen(
            command, cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def begin(self, request: dict):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def ask(self, request: dict) -> Answer:
        self.begin(request)
        return Answer(**json.loads(self.process.stdout.readline()))


class Raw:
    """No SDK: what curl would send."""

    def __init__(self, url: str):
        self.url = url + "/completions"

    def ask(self, request: dict) -> Answer:
        start = begin()
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        post = urllib.request.Request(self.url, json.dumps(request).encode(), headers)
        with urllib.request.urlopen(post, timeout=300) as response:
            body = json.load(response)
            status = response.headers["Cache-Status"]
        said = texts((choice["index"], choice["text"]) for choice in body["choices"])
        return Answer(said, body["usage"], status, since(start))


# --- The table -----------------------------------------------------------------


class Table:
    COLUMNS = "{:<46} {:<12} {:>9} {:>9} {:>7} {:>7}  {:<47} {}"

    def __init__(self, engine: Engine, proxy: Proxy, titled: bool = True):
        self.engine = engine
        self.proxy = proxy
        self.wrong = 0
        names = ("what", "client", "1st ms", "2nd ms", "1st", "2nd", "Cache-Status of the 2nd", "")
        if titled:
            print(self.COLUMNS.format(*names))

    def row(self, what, client, status, good: bool, ms=(), costs=()):
        """Up to two times in milliseconds, and up to two costs, as calls/tokens."""
        self.wrong += not good
        times = [f"{time:.1f}" for time in ms] + ["", ""]
        paid = [f"{calls}/{tokens}" for calls, tokens in costs] + ["", ""]
        verdict = "ok" if good else "WRONG"
        print(self.COLUMNS.format(what, client, *times[:2], *paid[:2], status, verdict), flush=True)

    def metered(self, client, request: dict) -> Answer:
        generated, calls = self.engine.generated(), self.proxy.calls()
        answer = client.ask(request)
        answer.engine = self.engine.generated() - generated
        answer.calls = self.proxy.calls() - calls
        return answer

    def pair(self, what, clients, one: dict, two: dict, judge):
        first = self.metered(clients[0], one)
        second = self.metered(clients[-1], two)
        names = "/".join(dict.fromkeys(type(client).__name__ for client in clients))
        costs = [(answer.calls, answer.engine) for answer in (first, second)]
        self.row(what, names, second.status, bool(judge(first, second)), (first.ms, second.ms), costs)
