"""Drives one point, and reads what it cost the servers: CPU from /proc/PID/stat, requests from the client."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
COMPARE = HERE.parent / "compare.d"
sys.path[:0] = [str(COMPARE), str(HERE.parent / "scale.d")]

import servers  # noqa: E402
from drivers import NUMBERS, Client  # noqa: E402
from points import CONNECTIONS  # noqa: E402
from rig import TICK, java, require  # noqa: E402

WIDE = "upstreams: [{url: URL, connections: 8192}]"
# Patient, so that a busy machine turns no hit into a miss.
REDIS = "redis: {url: REDIS, timeout: 20s, breaker: {failures: 1000}"
SERVERS = {
    "alone": ("upstreams: [{url: URL}]", "-XX:MaxRAM=512m"),
    "wide": (WIDE, "-XX:MaxRAM=512m"),
    "keys": ("upstreams: [{url: URL}]\ncache: {memory: {size: 256MiB}}", "-Xmx1g"),
    "redis-only": ("upstreams: [{url: URL}]\ncache: {memory: {size: 1}, " + REDIS + "}}", "-XX:MaxRAM=512m"),
    "redis-alone": ("upstreams: [{url: URL}]\ncache: {" + REDIS + ", fleet: false}}", "-XX:MaxRAM=512m"),
    "redis-fleet": (WIDE + "\ncache: {" + REDIS + "}}", "-XX:MaxRAM=512m"),
}
ENOUGH = 30_000  # requests until a JIT has seen a way often enough
LONGEST_WARMUP = 15  # seconds; until then for as long as it still gets cheaper
LONGEST_FILL = 180
LEAST = 0.3  # seconds of CPU that a drive costs at least
MOST_DRIVES = 5


class Bench:
    """All servers, started when they are first needed, with one event loop each."""

    def __init__(self, work: pathlib.Path, started, seconds: float):
        self.work = work
        self.started = started
        self.seconds = seconds
        self.wrk = require("wrk", "Debian's wrk")
        self.servers = {}
        self.next = time.time_ns() % 10**9
        lua = work / "upstream.lua"
        lua.write_text((HERE / "upstream.lua").read_text().replace("@compare@", str(COMPARE)))
        lua.chmod(0o644)
        self.upstream = servers.nginx("upstream", work, f"      content_by_lua_file {lua};", modules=servers.lua_modules())
        started.callback(self.upstream.process.stop)
        self.client = self.redis = None
        self.known = set()

    def server(self, name: str):
        if name not in self.servers:
            lines, flags = SERVERS[name]
            lines = lines.replace("REDIS", f"redis://127.0.0.1:{self.redis_port()}") if "REDIS" in lines else lines
            server = servers.Refrain(name, self.work, self.upstream.port, lines, loops=1, flags=flags)
            self.started.callback(server.process.stop)
            self.servers[name] = server
        return self.servers[name]

    def redis_port(self) -> int:
        if not self.redis:
            self.redis = servers.redis(self.work)
            self.started.callback(self.redis.process.stop)
        return self.redis.port

    # --- One point ---

    def warm(self, point):
        if point.streams:
            if point.curve == "costs":
                self.hold(point)
            return
        if point.curve == "keys":
            self.fill(point)
        way = (point.server, point.series)
        if way in self.known:
            self.post(point, 1)
            return
        self.known.add(way)
        server = self.server(point.server)
        asked, cost, before, end = 0, 0.0, 0.0, time.monotonic() + LONGEST_WARMUP
        while (asked < ENOUGH or cost < 0.9 * before) and time.monotonic() < end:
            begun = cpu(server)
            number = max(1, self.post(point, 2)["requests"])
            before, cost = cost, (cpu(server) - begun) / number
            asked += number

    def fill(self, point):
        """Until all of them are kept."""
        server, end = self.server(point.server), time.monotonic() + LONGEST_FILL
        size = "refrain_memory_cache_entries"
        wanted = server.metrics()[size] + 0.99 * point.distinct
        while server.metrics()[size] < wanted:
            if time.monotonic() > end:
                raise SystemExit(f"curves: {server.metrics()[size]:.0f} entries are kept (expected: {wanted:.0f})")
            self.post(point, 10 if point.distinct > 10_000 else 1)

    def drive(self, point) -> dict:
        """What a request, or a chunk, cost in microseconds of CPU, and more that was seen."""
        return self.hold(point) if point.streams else self.closed(point)

    def closed(self, point) -> dict:
        server, seen = self.server(point.server), self.seen(point)
        process = server.process
        before, acceptor, redis = cpu(server), acceptors(process.pid), self.redis_cpu()
        asked, drives = 0, 0
        # Ticks are coarse, and a busy machine leaves us few of them.
        while drives < 1 or (cpu(server) - before < LEAST and drives < MOST_DRIVES):
            asked, drives = asked + self.post(point, self.seconds)["requests"], drives + 1
        asked = max(1, asked)
        sample = {"cpu": 1e6 * (cpu(server) - before) / asked, "requests": asked, "rss": process.rss()}
        if point.headers:
            sample["acceptor"] = 1e6 * (acceptors(process.pid) - acceptor) / asked
        self.check(point, seen, asked)
        return self.with_redis(point, sample, redis, asked)

    def hold(self, point) -> dict:
        """Streams that are all there and go on."""
        if not self.client:
            self.client = Client(java(), self.work)
            self.started.callback(self.client.process.stop)
        server, spent, redis, seen = self.server(point.server), [], [], self.seen(point)

        def mark():
            spent.append(cpu(server))
            redis.append(self.redis_cpu())

        ramp, seconds = 3 + point.streams / 400, 3 * self.seconds
        result = self.client.drive(
            server, point.body.replace("#", ""), mark, mark, first=self.first(point), rate=max(100, point.streams / 2),
            connections=point.streams, most=point.streams, warmup=ramp, seconds=seconds, hold=True, length=-1,
        )
        sample = {"cpu": 1e6 * (spent[1] - spent[0]) / result["events"], "requests": result["events"], "rss": server.process.rss()}
        self.check(point, seen, point.streams)
        sample = self.with_redis(point, sample, redis[0], result["events"], redis[1])
        self.rest(server)
        return sample

    def seen(self, point) -> tuple:
        metrics = self.server(point.server).metrics()
        calls = sum(value for name, value in metrics.items() if name.startswith("refrain_upstream_calls_total"))
        return calls, metrics.get('refrain_fleet_total{outcome="failed_open"}', 0)

    def check(self, point, before: tuple, asked: int):
        """Hits ask nobody, but for what has to make room and comes again; what is to be agreed on is agreed on; else no figure is worth anything."""
        calls, alone = (now - then for now, then in zip(self.seen(point), before))
        if (point.distinct and calls > 0.01 * asked + 2 * point.distinct) or alone > 0.01 * asked + 2:
            raise SystemExit(f"curves: {point.series}, {point.x}: of {asked}, {calls:.0f} went to the upstream, {alone:.0f} not agreed on")

    def with_redis(self, point, sample: dict, before: float, units: int, after: float = None) -> dict:
        if point.server.startswith("redis"):
            sample["redis"] = 1e6 * ((self.redis_cpu() if after is None else after) - before) / units
        return sample

    def redis_cpu(self) -> float:
        return self.redis.process.cpu() if self.redis else 0.0

    @staticmethod
    def rest(server):
        """Until the streams that were cut off are gone."""
        end = time.monotonic() + 30
        while server.metrics()["refrain_upstream_calls_in_flight"] and time.monotonic() < end:
            time.sleep(0.1)

    def first(self, point) -> int:
        if point.distinct:
            return point.distinct * 1000 if point.curve == "keys" else 1
        self.next += 100_000_000
        return self.next

    def post(self, point, seconds: float) -> dict:
        server = self.server(point.server)
        command = [self.wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", "-s", HERE / "post.lua"]
        command += [server.url, "--", point.body, max(0, point.padding), NUMBERS + self.first(point), point.distinct]
        command += [word for header in point.headers.items() for word in header]
        said = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, check=True, text=True, timeout=seconds + 120).stdout
        result = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
        closed = point.headers and not result["status"]  # a connection that ends is what was asked for
        wrong = {name: result[name] for name in ("status", "connect", "read", "write", "timeout") if result[name]}
        if wrong and not closed:
            raise SystemExit(f"curves: {point.curve}, {point.series}, {point.x}: wrk counted {wrong}")
        return result

    def kept(self) -> dict:
        """What an entry weighs by our account, and takes in the heap; nothing where there is no jcmd."""
        server = self.server("keys")
        metrics = server.metrics()
        entries, weight = metrics["refrain_memory_cache_entries"], metrics["refrain_memory_cache_size_bytes"]
        return {"entries": entries, "weight": weight, "heap": self.heap(server)}

    @staticmethod
    def heap(server):
        home = os.environ.get("JAVA_HOME")
        jcmd = str(pathlib.Path(home, "bin", "jcmd")) if home else shutil.which("jcmd")
        if not jcmd:
            return None
        subprocess.run([jcmd, str(server.process.pid), "GC.run"], check=True, stdout=subprocess.DEVNULL)
        heap = 'jvm_memory_used_bytes{area="heap"'
        return sum(value for name, value in server.metrics().items() if name.startswith(heap))


def threads(pid: int, *names: str) -> float:
    """Seconds of CPU of the threads whose names begin so."""
    total = 0.0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        if name.startswith(names):
            total += sum(map(int, rest.split()[11:13])) / TICK
    return total


def acceptors(pid: int) -> float:
    """Of the threads that accept connections."""
    return threads(pid, "vert.x-acceptor")


def cpu(server) -> float:
    """Of the process without its compilers, which on a busy machine are long at work and in the end at rest."""
    return server.process.cpu() - threads(server.process.pid, "C1 Compiler", "C2 Compiler")
