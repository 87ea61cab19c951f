"""Starts the stub, Refrain and the clients; asks everything around Refrain and through it; prints the table."""

import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from calls import Python
from stub import ARGUMENTS, MODELS, REFUSED, SAID, Request, Stub, digest, vector

HERE = pathlib.Path(__file__).parent
LIMIT_SECONDS = 300
HOP = {"connection", "keep-alive", "via"}
TEXT = "".join(SAID)
UNKNOWN = {"a": [1.5, None]}
SPOKEN = ["assistant", TEXT, []]
CALLED = ["assistant", None, [[f"call_{number}", "weather", ARGUMENTS] for number in range(2)]]
PLACE = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER = {"type": "function", "function": {"name": "weather", "strict": True, "parameters": PLACE}}


class Node:
    """The official SDK in a process of its own."""

    def __init__(self, node: str, work: str, folder: pathlib.Path):
        command = [node, str(HERE / "calls.mjs"), str(folder)]
        self.process = subprocess.Popen(
            command, cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, url: str, what: str, argument) -> tuple[object, dict]:
        self.process.stdin.write(json.dumps([url, what, argument]) + "\n")
        self.process.stdin.flush()
        return tuple(json.loads(self.process.stdout.readline()))


class Refrain:
    def __init__(self, launcher: str, upstream: str, log):
        port, management = free_port(), free_port()
        ports = {"REFRAIN_PORT": str(port), "REFRAIN_MANAGEMENT_PORT": str(management)}
        env = {**os.environ, **ports, "REFRAIN_UPSTREAM_URL": upstream}
        self.process = subprocess.Popen([launcher, "serve"], env=env, stdout=log, stderr=log)
        self.url = f"http://127.0.0.1:{port}/v1"
        self.wait_until_ready(f"http://127.0.0.1:{management}/health/ready")

    def wait_until_ready(self, url: str):
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                return urllib.request.urlopen(url, timeout=5).close()
            time.sleep(0.05)
        raise SystemExit("sdks: refrain did not start; see refrain.log in the work folder")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- What is compared ----------------------------------------------------------


def neutral(request: Request) -> tuple:
    """All of a request but the hop's headers and the boundary, which SDKs roll anew, and Node of another length."""
    boundary, body = request.boundary(), request.body
    headers = [(name.lower(), value) for name, value in request.headers if name.lower() not in HOP]
    if boundary:
        body = body.replace(boundary.encode(), b"BOUNDARY")
        lengths = {str(len(request.body)): str(len(body))}
        headers = [
            (name, lengths.get(value, value) if name == "content-length" else value.replace(boundary, "BOUNDARY"))
            for name, value in headers
        ]
    return request.line, sorted(headers), body


def end_to_end(headers: dict) -> dict:
    return {name: value for name, value in headers.items() if name not in HOP}


def difference(direct: tuple, through: tuple) -> str:
    """Where two requests or answers differ first; empty if they do not."""
    names = ("request line", "headers sent", "body sent", "answer", "headers received")
    return next((name for name, one, two in zip(names, direct, through) if one != two), "")


class Table:
    COLUMNS = "{:<37} {:<7} {:>8}  {:<42} {}"

    def __init__(self, stub: Stub, refrain: Refrain):
        self.stub = stub
        self.refrain = refrain
        self.wrong = 0
        print(self.COLUMNS.format("what", "client", "bytes", "seen", ""))

    def row(self, what: str, client, sent, seen: str, good: bool):
        self.wrong += not good
        verdict = "ok" if good else "WRONG"
        print(self.COLUMNS.format(what, type(client).__name__, sent, seen, verdict), flush=True)

    def heard(self, client, url: str, what: str, argument) -> tuple[object, dict, list[Request]]:
        before = len(self.stub.seen)
        answer, headers = client.ask(url, what, argument)
        return answer, headers, self.stub.seen[before:]

    def passed(self, client, what: str, argument, wanted, remark=""):
        """The stub is sent the same either way, and the SDK gives the same."""
        sides = []
        for url in (self.stub.url, self.refrain.url):
            answer, headers, (request,) = self.heard(client, url, what, argument)
            sides.append((*neutral(request), answer, end_to_end(headers)))
        via = headers.get("via", "") + ", " + request.header("via")
        differs = difference(*sides)
        good = not differs and answer == wanted and via == "1.1 refrain, 1.1 refrain"
        seen = f"{differs} not the same" if differs else "the same, both ways" if good else f"via {via}: {answer}"
        self.row(what + remark, client, len(request.body), seen, good)

    def answered(self, client, what: str, argument, wanted):
        """Refrain answers itself, with what the stub says."""
        direct, _, _ = self.heard(client, self.stub.url, what, argument)
        answer, headers, asked = self.heard(client, self.refrain.url, what, argument)
        good = direct == answer == wanted and "via" not in headers
        self.row(what, client, "", f"the same; calls to the upstream: {len(asked)}" if good else str(answer), good)

    def kept(self, client, what: str, argument, calls: int, status: str, call="completions", wanted=TEXT):
        """The same either way, at the cost of so many calls; gives the requests that the stub was sent."""
        direct, _, _ = self.heard(client, self.stub.url, call, argument)
        if call == "embeddings":
            direct.sort()  # the stub's last vector is its first, as servers may have it; a merged answer is in order
        answer, headers, asked = self.heard(client, self.refrain.url, call, argument)
        seen = headers.get("cache-status", "")
        good = direct == answer == wanted and len(asked) == calls and seen.startswith(status)
        self.row(what, client, "", seen, good)
        return asked


# --- What is tried --------------------------------------------------------------


def try_completions(table: Table, client):
    name = type(client).__name__
    cold = {"temperature": 0, "user": name, "suffix": name}
    hot = {"temperature": 1}
    table.kept(client, "completions, plain", cold, 1, "refrain; fwd=uri-miss; stored")
    table.kept(client, "completions, plain, again", cold, 0, "refrain; hit")
    table.kept(client, "completions, stream after plain", {**cold, "stream": True}, 0, "refrain; hit")
    table.kept(client, "completions at 1, plain", hot, 1, "refrain; fwd=bypass; detail=sampled")
    table.kept(client, "completions at 1, stream", {**hot, "stream": True}, 1, "refrain; fwd=bypass; detail=sampled")


def try_chats(table: Table, client):
    def kept(what, argument, calls, status, said=SPOKEN):
        table.kept(client, what, argument, calls, status, "chat", [said] * argument.get("n", 1))

    def asking(about, **more):
        content = f"Wie groß? 😀 {type(client).__name__} {about}"
        return {"messages": [{"role": "user", "content": content}], "temperature": 0, **more}

    stream = {"stream": True}
    kept("chat, plain", asking("plain"), 1, "refrain; fwd=uri-miss; stored")
    kept("chat, plain, again", asking("plain"), 0, "refrain; hit")
    kept("chat, stream after plain", asking("plain", **stream), 0, "refrain; hit")
    tools = asking("tools", tools=[WEATHER])
    kept("chat, tools, stream", tools | stream, 1, "refrain; fwd=uri-miss", CALLED)
    kept("chat, tools, stream, again", tools | stream, 0, "refrain; hit", CALLED)
    kept("chat, tools, plain after stream", tools, 0, "refrain; hit", CALLED)
    kept("chat, n = 3, plain", asking("n", n=3), 1, "refrain; fwd=uri-miss")
    kept("chat, n = 3, stream after plain", asking("n", n=3, **stream), 0, "refrain; hit")
    kept("chat at 1, plain", asking("warm", temperature=1), 1, "refrain; fwd=bypass; detail=sampled")
    kept("chat at 1, stream", asking("warm", temperature=1, **stream), 1, "refrain; fwd=bypass; detail=sampled")
    refused = {"messages": [{"role": "user", "content": REFUSED}], "temperature": 0}
    error = [400, "No such words"]
    for what, further in (("chat, the upstream's 400", {}), ("chat, stream, the upstream's 400", stream)):
        table.kept(client, what, refused | further, 1, "refrain; fwd=uri-miss", "chat", error)


def try_embeddings(table: Table, client):
    def kept(what, argument, calls, status):
        inputs = argument["input"] if isinstance(argument["input"], list) else [argument["input"]]
        wanted = [[index, vector(text)] for index, text in enumerate(inputs)]
        return table.kept(client, what, argument, calls, status, "embeddings", wanted)

    name = type(client).__name__
    one, three = f"Größe {name}", ["😀 " + name, f"Größe {name}", name]
    kept("embeddings", {"input": one}, 1, "refrain; fwd=uri-miss; stored")
    kept("embeddings, again", {"input": one}, 0, "refrain; hit")
    (asked,) = kept("embeddings, one of three known", {"input": three}, 1, "refrain; fwd=partial")
    left = asked.json()["input"]
    table.row("embeddings, what was asked for", client, len(asked.body), str(left), left == [three[0], three[2]])
    kept("embeddings, all in another order", {"input": three[::-1]}, 0, "refrain; hit")
    kept("embeddings, floats", {"input": one, "encoding_format": "float"}, 1, "refrain; fwd=uri-miss; stored")


def try_models(table: Table, client):
    table.answered(client, "models.list", None, list(MODELS))
    table.passed(client, "models.retrieve", MODELS[1], [MODELS[1], UNKNOWN])


def try_passing(table: Table, client, folder: pathlib.Path):
    for name, remark in (("batch.jsonl", ""), ("empty.jsonl", ", no bytes")):
        data = (folder / name).read_bytes()
        key = "file-" + digest(data)[:12]
        file = [key, name, len(data), "batch"]
        table.passed(client, "files.create", name, file, remark)
        table.passed(client, "files.retrieve", key, file, remark)
        table.passed(client, "files.list", 2, [file], remark)
        table.passed(client, "files.content", key, digest(data), remark)
        table.passed(client, "files.delete", key, [key, True], remark)
    table.passed(client, "files.retrieve", key, [404, "No such file"], ", the upstream's 404")
    speech = digest((folder / "speech.wav").read_bytes())
    table.passed(client, "audio.transcriptions", "speech.wav", f"de speech.wav {speech}")


def write_files(folder: pathlib.Path):
    """Bytes of every kind; the larger ones fit into no buffer on their way."""
    dice = random.Random(1)
    for name, size in (("batch.jsonl", 8 << 20), ("empty.jsonl", 0), ("speech.wav", 2 << 20)):
        (folder / name).write_bytes(dice.randbytes(size))


def main(launcher: str, work: str) -> int:
    signal.alarm(LIMIT_SECONDS)
    with contextlib.ExitStack() as started:
        log = started.enter_context(open(pathlib.Path(work) / "refrain.log", "w"))
        folder = pathlib.Path(started.enter_context(tempfile.TemporaryDirectory()))
        write_files(folder)
        stub = Stub()
        started.callback(stub.shutdown)
        refrain = Refrain(launcher, stub.url, log)
        started.callback(refrain.process.wait)
        started.callback(refrain.process.terminate)
        clients = [Python(folder)]
        if os.environ.get("REFRAIN_SDKS_NODE"):
            clients.append(Node(os.environ["REFRAIN_SDKS_NODE"], work, folder))
            started.callback(clients[-1].process.kill)
        table = Table(stub, refrain)
        for client in clients:
            try_completions(table, client)
            try_chats(table, client)
            try_embeddings(table, client)
            try_models(table, client)
            try_passing(table, client, folder)
        print("all as it should be" if not table.wrong else f"{table.wrong} rows are wrong")
        return 1 if table.wrong else 0


def out_of_time(*_):
    raise SystemExit(f"sdks: not done within {LIMIT_SECONDS} s")


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, out_of_time)
    sys.exit(main(*sys.argv[1:3]))
