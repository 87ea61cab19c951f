"""The trial behind loadtest/real-model: starts engine and proxy, asks, and prints what it saw.

    trial.py BIN_REFRAIN WORK_FOLDER

Here are the requests for one choice; those for many are in voices.py, chats in chat.py, vectors in embeddings.py, and what
only passes through in passing.py.
"""

import asyncio
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import openai

import chat
import embeddings
import passing
import voices
from rig import CHAT, COMPLETIONS, KEY, LONG, USAGE
from rig import Answer, Api, Engine, Node, Proxy, Python, Raw, Table, begin, call, since

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


def hit(first: Answer, second: Answer) -> bool:
    return second.kept and first.calls == 1 and first.engine > 0 and second.text == first.text != ""


def repeated(first: Answer, second: Answer) -> bool:
    """A hit on what an earlier row had asked."""
    return first.kept and second.kept and second.text == first.text != ""


def paid_twice(first: Answer, second: Answer) -> bool:
    return "fwd=bypass; detail=sampled" in second.status and min(first.engine, second.engine) > 0


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


async def collect(client, api: Api, request: dict, after=None, mark=None) -> Answer:
    """Reads a stream, begun once `after` is set; sets `mark` at its 16th part. Milliseconds to the first."""
    if after:
        await after.wait()
    start = begin()
    raw = await api.of(client).with_raw_response.create(**request)
    parts, first = [], None
    async for part in raw.parse():
        first = first or since(start)
        parts += [api.text(choice) for choice in part.choices]
        if mark and len(parts) == 16:
            mark.set()
    return Answer(["".join(parts)], None, raw.headers["cache-status"], first)


async def together(url: str, api: Api, request: dict, midway: bool) -> list[Answer]:
    mark = asyncio.Event() if midway else None
    async with openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
        return await asyncio.gather(
            collect(client, api, request, mark=mark), collect(client, api, request, after=mark)
        )


def try_together(table: Table, url: str, prompt: str, midway: bool, api=COMPLETIONS):
    request = api.request(prompt, max_tokens=48, stream=True)
    generated, calls = table.engine.generated(), table.proxy.calls()
    answers = asyncio.run(together(url, api, request, midway))
    generated, calls = table.engine.generated() - generated, table.proxy.calls() - calls
    leader, follower = sorted(answers, key=lambda answer: "collapsed" in answer.status)
    good = "collapsed" in follower.status and "collapsed" not in leader.status
    good = good and leader.text == follower.text != "" and 0 < generated <= 48 and calls == 1
    what = api.row("joined at the 16th token (ms to 1st)" if midway else "two at once (ms to the 1st)")
    times = (leader.ms, follower.ms)
    table.row(what, "Python async", follower.status, good, times, [(calls, generated)])


def streaming_curl(url: str, prompt: str, api=COMPLETIONS) -> subprocess.Popen:
    body = json.dumps(api.request(prompt, max_tokens=LONG, stream=True))
    headers = ["-H", "Content-Type: application/json", "-H", f"Authorization: Bearer {KEY}"]
    command = ["curl", "-sN", *headers, "-d", body, url + api.path]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    client.stdout.readline()
    return client


def try_leaving(table: Table, url: str, api=COMPLETIONS):
    client = streaming_curl(url, "Write a very long story.\n\n", api)
    working = table.engine.busy()
    client.send_signal(signal.SIGINT)
    client.wait()
    freed = table.engine.wait_for(0, 10)
    what = api.row("Ctrl-C mid-stream (ms to a free slot)")
    table.row(what, "curl", "", working == 1 and freed < 1000, [freed])


def try_killing(table: Table, url: str, python: Python):
    client = streaming_curl(url, "Write another very long story.\n\n")
    table.engine.process.kill()
    start = begin()
    rest = client.communicate()[0]
    events = re.findall(r"^data: ?(.*)$", rest, re.M)
    good = "error" in json.loads(events[-1]) and "[DONE]" not in rest
    what = "engine killed mid-stream (ms to the error)"
    code = json.loads(events[-1]).get("error", {}).get("code", "no error event")
    table.row(what, "curl", code, good, [since(start)])
    for what, request, wanted in (
        ("engine gone, a new question", call("Is anybody there?"), "502 upstream_unreachable"),
        ("engine gone, one asked before", EXAMPLE, "refrain; hit"),
    ):
        start = begin()
        try:
            said = python.ask(request).status
        except openai.APIStatusError as refused:
            said = f"{refused.status_code} {refused.code}"
        table.row(what, "Python", said, said.startswith(wanted), [since(start)])


def main(launcher: str, work: str) -> int:
    with contextlib.ExitStack() as started:
        log = started.enter_context(open(pathlib.Path(work) / "refrain.log", "w"))
        engine = Engine()
        started.callback(engine.process.kill)
        proxy = Proxy(launcher, engine.url + "/v1", log)
        started.callback(proxy.process.terminate)
        table = Table(engine, proxy)
        python = Python(proxy.url)
        clients = [python]
        try_pairs(table, python, Raw(proxy.url))
        if os.environ.get("REFRAIN_REAL_MODEL_NODE"):
            node = Node(proxy.url, os.environ["REFRAIN_REAL_MODEL_NODE"], work)
            started.callback(node.process.kill)
            try_node(table, node, python)
            clients.append(node)
        try_together(table, proxy.url, "A long time ago", midway=False)
        try_together(table, proxy.url, "In a land far away", midway=True)
        try_leaving(table, proxy.url)
        voices.try_all(table, clients, lambda: Node(proxy.url, os.environ["REFRAIN_REAL_MODEL_NODE"], work))
        voices.try_native(table, launcher, work, log)
        chat.try_all(table)
        try_together(table, proxy.url, "Tell me of the moon.", midway=False, api=CHAT)
        try_together(table, proxy.url, "Tell me of the sun.", midway=True, api=CHAT)
        try_leaving(table, proxy.url, api=CHAT)
        table.wrong += embeddings.try_apart(launcher, log)
        passing.try_all(table)
        voices.try_rest(table)
        try_killing(table, proxy.url, python)
        print("all as it should be" if not table.wrong else f"{table.wrong} rows are wrong")
        return 1 if table.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
