"""The servers, the traffic, and what Prometheus is asked."""

import json
import pathlib
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

LINE = 60
END = 30

# Of keys: one without limits, and one that may ask once a minute.
SEARCH = "secret-of-the-search"
SPENT = "secret-of-the-spent"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url: str, timeout: float = 10) -> str:
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


def wait_for(what: str, there, seconds: float = LINE):
    """Until it is there, and what it then is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = there()
            if found:
                return found
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"monitoring: {what}: not there after {seconds} s")


class Process:
    """One that is ended when it is left."""

    def __init__(self, *command: str, cwd: pathlib.Path):
        self.process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(END)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Traffic:
    """Calls of every kind, a few a second, until it is stopped."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.loop, args=(voice,), daemon=True) for voice in range(4)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def loop(self, voice: int):
        turn = 0
        while not self.stopped.wait(0.2):
            turn += 1
            self.ask(f"often {turn % 5}")
            self.ask(f"together {turn}", stream=True)
            if voice == 0:
                self.ask(f"once {turn}", n=2)
                self.ask("sampled", temperature=1, seed=turn)
                if turn % 10 == 1:
                    self.ask("broken", model="error-500")
                self.ask("gone", model="gone")
                self.ask("refused", n=-1)
                self.send("/v1/models", None, key=SPENT)
                self.send("/v1/files", None)
                self.send("/v1/models", None, key="of nobody, and long enough")
                self.send("/v1/embeddings", {"model": "m", "input": "x"})
                self.leave(f"left {turn}")

    def ask(self, prompt: str, **more):
        self.send("/v1/completions", {"model": "m", "prompt": prompt, "max_tokens": 12, "temperature": 0, **more})

    def send(self, path: str, body: dict | None, key: str = SEARCH):
        sent = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self.url + path, sent, {"content-type": "application/json", "api-key": key})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                answer.read()
        except (urllib.error.URLError, OSError):
            pass  # errors are among what is to be counted

    def leave(self, prompt: str):
        """Asks for a stream and goes before its end."""
        body = json.dumps({"model": "m", "prompt": prompt, "max_tokens": 200, "temperature": 0, "stream": True}).encode()
        head = f"POST /v1/completions HTTP/1.1\r\nHost: x\r\napi-key: {SEARCH}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", int(self.url.rsplit(":", 1)[1])), 10) as caller:
            caller.sendall(head.encode() + body)
            caller.recv(1024)


class Prometheus:
    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"

    def api(self, path: str, **query) -> dict:
        try:
            return json.loads(get(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"))
        except urllib.error.HTTPError as refused:
            return json.loads(refused.read())

    def ask(self, expression: str) -> tuple[str, int]:
        """What is wrong with an expression, and how many series it has now that are numbers."""
        answer = self.api("query", query=expression)
        if answer["status"] != "success":
            return answer["error"], 0
        result = answer["data"]["result"]
        return "", sum(1 for series in result if series["value"][1] not in ("NaN", "+Inf", "-Inf"))

    def rules(self) -> list[dict]:
        return [rule for group in self.api("rules")["data"]["groups"] for rule in group["rules"]]


class Table:
    failed = 0

    def row(self, what: str, good: bool, seen: str):
        self.failed += not good
        print(f"{'ok  ' if good else 'FAIL'}  {what:<58}  {seen}", flush=True)


def selectors(expression: str) -> list[str]:
    """The series an expression asks for, without what is done with them."""
    return re.findall(r"[a-z][\w:]*(?:\{[^}]*\}|(?=\[))|\brefrain_\w+|\bjob\w*:[\w:]+", expression)
