"""A small fleet: a Redis, simulated upstreams of three paces, and real replicas before them."""

import concurrent.futures
import http.client
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "compare.d"))

from meter import Meter, Redis  # noqa: E402
from rig import HOME, Process, free_port, require  # noqa: E402
from servers import Refrain  # noqa: E402

HEAP = "-Xmx256m"
PACES = {"fast": 0, "paced": 60, "slow": 250}  # milliseconds a token, by the name of the model
MOST = 1024  # requests at once
URL = "/v1/completions"


class Fleet:
    """Started on entry, ended on exit. Replicas have one event loop each, so that there is one reader of streams each."""

    def __init__(self, work: pathlib.Path, replicas: int, cluster: bool = False, cache: str = "", loops: int = 1):
        self.work = work
        self.number = replicas
        self.cluster = cluster
        self.cache = cache
        self.loops = loops
        self.processes = []
        self.replicas = []
        self.next = time.time_ns() // 1000
        self.local = threading.local()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.stop()

    def start(self):
        self.work.mkdir()
        self.start_redis()
        lines = self.upstreams() + "\n" + self.caching()
        for number in range(self.number):
            replica = Refrain(f"replica-{number}", self.work, 0, lines, loops=self.loops, flags=HEAP)
            self.processes.append(replica.process)
            self.replicas.append(replica)

    def start_redis(self):
        self.redis_port = free_port()
        command = [require("redis-server", "Debian's redis-server"), "--port", self.redis_port, "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", self.work, "--maxclients", 1024]
        if self.cluster:
            command += ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", free_port()]
        self.redis = self.process("redis", command)
        self.redis.wait_until_listening(self.redis_port)
        if self.cluster:
            self.claim_slots()
        self.meter = Meter(self.redis_port)

    def claim_slots(self):
        """A cluster of one master that has all slots."""
        redis = Redis(self.redis_port)
        redis.ask("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        end = time.monotonic() + 20
        while "cluster_state:ok" not in redis.ask("CLUSTER", "INFO") and time.monotonic() < end:
            time.sleep(0.05)
        redis.close()

    def process(self, name: str, command: list) -> Process:
        process = Process(name, command, self.work / f"{name}.log")
        self.processes.append(process)
        return process

    def upstreams(self) -> str:
        entries = []
        for model, millis in PACES.items():
            port = free_port()
            command = [HOME / "bin" / "refrain", "upstream", "--port", port, "--delay", millis]
            self.process(model, command).wait_for(f"http://127.0.0.1:{port}/v1/models")
            entries.append(f'{{name: {model}, url: "http://127.0.0.1:{port}", models: [{model}], connections: {MOST}}}')
        return "upstreams: [" + ", ".join(entries) + "]"

    def caching(self) -> str:
        url = f"redis://127.0.0.1:{self.redis_port}"
        where = f"mode: cluster, nodes: [{url}]" if self.cluster else f"url: {url}"
        more = f"{self.cache}, " if self.cache else ""
        # Patient, so that a busy machine changes no count.
        return f"cache: {{{more}redis: {{{where}, timeout: 20s, breaker: {{failures: 1000}}}}}}"

    # --- Asking ---

    def prompt(self) -> str:
        """One nobody has asked for."""
        self.next += 1
        return f"Story number {self.next}, please: what happened, to whom, and why should anybody care about it?"

    def ask(self, replica: int, prompt: str, model: str = "fast", tokens: int = 20, stream: bool = False) -> str:
        """The Cache-Status."""
        fields = {"model": model, "prompt": prompt, "max_tokens": tokens, "temperature": 0, "stream": stream}
        connection = self.connection(replica)
        connection.request("POST", URL, json.dumps(fields), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200 or (stream and not said.endswith(b"data: [DONE]\n\n")):
            raise SystemExit(f"scale: {answer.status} {said[-300:]!r}")
        return answer.getheader("Cache-Status", "")

    def connection(self, replica: int) -> http.client.HTTPConnection:
        """One for each thread and replica."""
        mine = self.local.__dict__
        if replica not in mine:
            mine[replica] = http.client.HTTPConnection("127.0.0.1", self.replicas[replica].port, timeout=60)
        return mine[replica]

    def together(self, calls: list) -> list:
        """Each a tuple of arguments of ask; all at once."""
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as threads:
            return [done.result() for done in [threads.submit(self.ask, *call) for call in calls]]

    def total(self, name: str, *labels: str, replica: int = None) -> float:
        """A metric's sum over its series that begin so and have these labels, and over replicas unless one is named."""
        chosen = self.replicas if replica is None else [self.replicas[replica]]
        return sum(value for one in chosen for series, value in one.metrics().items() if series.startswith(name) and all(label in series for label in labels))

    def wait_for(self, name: str, replica: int, value: float):
        end = time.monotonic() + 30
        while self.total(name, replica=replica) < value:
            if time.monotonic() > end:
                raise SystemExit(f"scale: {name}: {self.total(name, replica=replica)} (expected: {value})")
            time.sleep(0.01)

    def purge(self, replica: int, what: dict):
        connection = http.client.HTTPConnection("127.0.0.1", self.replicas[replica].management, timeout=10)
        connection.request("POST", "/cache/purge", json.dumps(what), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        if answer.status >= 300:
            raise SystemExit(f"scale: purge: {answer.status} {said!r}")
