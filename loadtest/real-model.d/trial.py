"""The trial behind loadtest/real-model: starts engine and proxy, asks, and prints what it saw.

    trial.py BIN_REFRAIN WORK_FOLDER

What the engine did is read from the engine itself: tokens it generated (GET /metrics) and slots at work
(GET /slots). Never asserted: that a kept answer equals a fresh one, for temperature 0 does not promise it.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import openai

HERE = pathlib.Path(__file__).parent
KEY = "real-model"
EXAMPLE = {
    "model": "gpt-3.5-turbo-instruct",
    "prompt": "Say this is a test",
    "max_tokens": 7,
    "temperature": 0,
    "top_p": 1,
    "n": 1,
    "stream": False,
    "logprobs": None,
    "stop": "\n",
}
USAGE = {"include_usage": True}
LONG = 600


@dataclasses.dataclass
class Answer:
    text: str
    usage: object
    status: str
    ms: float
    engine: int = 0


def begin() -> float:
    return time.perf_counter()


def since(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def call(prompt: str, **more) -> dict:
    return {"model": "smollm2", "prompt": prompt, "max_tokens": 24, "temperature": 0, **more}


# --- The two servers ----------------------------------------------------------


class Engine:
    def __init__(self):
        command = [sys.executable, str(HERE / "engine.py")]
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
        """Tokens generated since the start."""
        count = re.search(r"^llamacpp:tokens_predicted_total (\S+)$", self.get("/metrics"), re.M)
        return int(float(count.group(1)))

    def busy(self) -> int:
        """Slots at work."""
        return sum(slot["is_processing"] for slot in json.loads(self.get("/slots")))

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
    def __init__(self, launcher: str, upstream: str, log):
        port, management = free_port(), free_port()
        ports = {"REFRAIN_PORT": str(port), "REFRAIN_MANAGEMENT_PORT": str(management)}
        env = {**os.environ, **ports, "REFRAIN_UPSTREAM_URL": upstream}
        self.process = subprocess.Popen([launcher, "serve"], env=env, stdout=log, stderr=log)
        self.url = f"http://127.0.0.1:{port}/v1"
        self.wait_until_ready(f"http://127.0.0.1:{management}/health/ready")

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


class Python:
    """The official SDK, one call at a time."""

    def __init__(self, url: str):
        self.client = openai.OpenAI(base_url=url, api_key=KEY, max_retries=0)

    def ask(self, request: dict) -> Answer:
        start = begin()
        raw = self.client.completions.with_raw_response.create(**request)
        answer = raw.parse()
        parts = list(answer) if request.get("stream") else [answer]
        text = "".join(part.choices[0].text for part in parts if part.choices)
        usage = next((part.usage for part in reversed(parts) if part.usage), None)
        return Answer(text, usage, raw.headers.get("cache-status"), since(start))


class Node:
    """The official SDK in a process of its own."""

    def __init__(self, url: str, node: str, work: str):
        command = [node, str(HERE / "client.mjs"), url]
        self.process = subprocess.Popen(
            command, cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, request: dict) -> Answer:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
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
        return Answer(body["choices"][0]["text"], body["usage"], status, since(start))


# --- The table -----------------------------------------------------------------


class Table:
    COLUMNS = "{:<44} {:<12} {:>9} {:>9} {:>7} {:>7}  {:<44} {}"

    def __init__(self, engine: Engine):
        self.engine = engine
        self.wrong = 0
        print(
            self.COLUMNS.format(
                "what", "client", "1st ms", "2nd ms", "tokens", "tokens", "Cache-Status of the 2nd", ""
            )
        )

    def row(self, what, client, first, second, tokens, status, good: bool):
        self.wrong += not good
        times = [f"{ms:.1f}" if ms is not None else "" for ms in (first, second)]
        verdict = "ok" if good else "WRONG"
        print(self.COLUMNS.format(what, client, *times, *tokens, status, verdict), flush=True)

    def metered(self, client, request: dict) -> Answer:
        before = self.engine.generated()
        answer = client.ask(request)
        answer.engine = self.engine.generated() - before
        return answer

    def pair(self, what, clients, one: dict, two: dict, judge):
        first = self.metered(clients[0], one)
        second = self.metered(clients[-1], two)
        names = "/".join(dict.fromkeys(type(client).__name__ for client in clients))
        tokens = (first.engine, second.engine)
        good = bool(judge(first, second))
        self.row(what, names, first.ms, second.ms, tokens, second.status, good)


def hit(first: Answer, second: Answer) -> bool:
    kept = second.status.startswith("refrain; hit") and second.engine == 0
    return kept and first.engine > 0 and second.text == first.text != ""


def repeated(first: Answer, second: Answer) -> bool:
    """A hit on what an earlier row had asked."""
    kept = second.status.startswith("refrain; hit") and second.engine == first.engine == 0
    return kept and second.text == first.text != ""


def paid_twice(first: Answer, second: Answer) -> bool:
    return "fwd=bypass; detail=sampled" in second.status and min(first.engine, second.engine) > 0


# --- What is tried ---------------------------------------------------------------


def try_pairs(table: Table, python: Python, raw: Raw):
    def pair(what, one, two, judge=hit, client=python):
        table.pair(what, [client], one, two, judge)

    stream = {"stream": True}
    pair("the example, plain", EXAMPLE, EXAMPLE)
    strings = {name: str(value) for name, value in EXAMPLE.items() if value is not None}
    strings |= {"stream": "false", "logprobs": ""}
    pair("the example, every field a string", EXAMPLE, strings, repeated, raw)
    pair("the example, stream after plain", EXAMPLE, EXAMPLE | stream, repeated)
    sea = call("The sea is", stream=True)
    pair("stream", sea, sea)
    plain = call("The sea is")
    pair("plain after stream", sea, plain, lambda a, b: repeated(a, b) and b.usage)
    asked = sea | {"stream_options": USAGE}
    pair("stream, with usage after without", sea, asked, lambda a, b: repeated(a, b) and b.usage)
    probable = call("Two and two is", logprobs=2)
    pair("logprobs, plain after stream", probable | stream, probable)
    pair("temperature 1, plain", *[call("Once", temperature=1)] * 2, paid_twice)
    pair("temperature 1, stream", *[call("Once", temperature=1, **stream)] * 2, paid_twice)


def try_node(table: Table, node: Node, python: Python):
    moon = call("The moon is")
    table.pair("plain", [node], moon, moon, hit)
    table.pair("stream after plain", [node], moon, moon | {"stream": True}, repeated)
    sun = call("The sun is", stream=True, stream_options=USAGE)
    table.pair("stream, with usage", [node], sun, sun, lambda a, b: hit(a, b) and b.usage)
    table.pair("plain after stream", [node, python], sun, call("The sun is"), repeated)
    warm = call("Once", temperature=1)
    table.pair("temperature 1, plain", [node], warm, warm, paid_twice)


async def collect(client, request: dict, after=None, mark=None) -> Answer:
    """Reads a stream, begun once `after` is set; sets `mark` at its 16th part. Milliseconds to the first."""
    if after:
        await after.wait()
    start = begin()
    raw = await client.completions.with_raw_response.create(**request)
    parts, first = [], None
    async for part in raw.parse():
        first = first or since(start)
        parts += [choice.text for choice in part.choices]
        if mark and len(parts) == 16:
            mark.set()
    return Answer("".join(parts), None, raw.headers["cache-status"], first)


async def together(url: str, request: dict, midway: bool) -> list[Answer]:
    mark = asyncio.Event() if midway else None
    async with openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
        return await asyncio.gather(
            collect(client, request, mark=mark), collect(client, request, after=mark)
        )


def try_together(table: Table, url: str, prompt: str, midway: bool):
    request = call(prompt, max_tokens=48, stream=True)
    before = table.engine.generated()
    answers = asyncio.run(together(url, request, midway))
    generated = table.engine.generated() - before
    leader, follower = sorted(answers, key=lambda answer: "collapsed" in answer.status)
    good = "collapsed" in follower.status and "collapsed" not in leader.status
    good = good and leader.text == follower.text != "" and 0 < generated <= 48
    what = "joined at the 16th token (ms to the first)" if midway else "two at once (ms to the first token)"
    table.row(what, "Python async", leader.ms, follower.ms, (generated, 0), follower.status, good)


def streaming_curl(url: str, prompt: str) -> subprocess.Popen:
    body = json.dumps(call(prompt, max_tokens=LONG, stream=True))
    headers = ["-H", "Content-Type: application/json", "-H", f"Authorization: Bearer {KEY}"]
    command = ["curl", "-sN", *headers, "-d", body, url + "/completions"]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    client.stdout.readline()
    return client


def try_leaving(table: Table, url: str):
    client = streaming_curl(url, "Write a very long story.\n\n")
    working = table.engine.busy()
    client.send_signal(signal.SIGINT)
    client.wait()
    freed = table.engine.wait_for(0, 10)
    what = "Ctrl-C mid-stream (ms to a free slot)"
    table.row(what, "curl", freed, None, ("", ""), "", working == 1 and freed < 1000)


def try_killing(table: Table, url: str, python: Python):
    client = streaming_curl(url, "Write another very long story.\n\n")
    table.engine.process.kill()
    start = begin()
    rest = client.communicate()[0]
    events = re.findall(r"^data: ?(.*)$", rest, re.M)
    good = "error" in json.loads(events[-1]) and "[DONE]" not in rest
    what = "engine killed mid-stream (ms to the error)"
    code = json.loads(events[-1]).get("error", {}).get("code", "no error event")
    table.row(what, "curl", since(start), None, ("", ""), code, good)
    for what, request, wanted in (
        ("engine gone, a new question", call("Is anybody there?"), "502 upstream_unreachable"),
        ("engine gone, one asked before", EXAMPLE, "refrain; hit"),
    ):
        start = begin()
        try:
            said = python.ask(request).status
        except openai.APIStatusError as refused:
            said = f"{refused.status_code} {refused.code}"
        table.row(what, "Python", since(start), None, ("", ""), said, said.startswith(wanted))


def main(launcher: str, work: str) -> int:
    with contextlib.ExitStack() as started:
        log = started.enter_context(open(pathlib.Path(work) / "refrain.log", "w"))
        engine = Engine()
        started.callback(engine.process.kill)
        proxy = Proxy(launcher, engine.url + "/v1", log)
        started.callback(proxy.process.terminate)
        table = Table(engine)
        python = Python(proxy.url)
        try_pairs(table, python, Raw(proxy.url))
        if os.environ.get("REFRAIN_REAL_MODEL_NODE"):
            node = Node(proxy.url, os.environ["REFRAIN_REAL_MODEL_NODE"], work)
            started.callback(node.process.kill)
            try_node(table, node, python)
        try_together(table, proxy.url, "A long time ago", midway=False)
        try_together(table, proxy.url, "In a land far away", midway=True)
        try_leaving(table, proxy.url)
        try_killing(table, proxy.url, python)
        print("all as it should be" if not table.wrong else f"{table.wrong} rows are wrong")
        return 1 if table.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
