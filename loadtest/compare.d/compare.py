"""Starts everything, drives it by turns, and prints the table."""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import servers
from cases import CASES, Wrong, body, verify
from drivers import Client, Wrk
from rig import bounded, command, java, raise_open_files
from table import Table

ENOUGH = 60_000  # requests until a JIT has seen a path often enough
LONGEST_WARMUP = 90  # seconds; until then for as long as it still gets cheaper
HOLD_RAMP = 15  # seconds until all streams are there and calm


class Comparison:
    def __init__(self, options, started: contextlib.ExitStack, work: pathlib.Path):
        self.options = options
        self.started = started
        self.work = work
        self.cases = [self.with_peers(case) for case in CASES if case.name in options.cases]
        self.wrk = Wrk()
        self.client = Client(options.java, work)
        started.callback(self.client.process.stop)
        self.upstream = servers.Upstream(work)
        started.callback(self.upstream.process.stop)
        self.servers = {"direct": self.upstream.server}
        for name in dict.fromkeys(name for case in self.cases for name in case.servers):
            self.start(name)
        self.lengths = {}
        self.rates = {}
        self.next = random.randrange(10**9)
        self.table = Table(options, self.environment())

    # --- Who takes part ---

    def start(self, name: str):
        if name in self.servers:
            return
        say(f"starting {name}")
        server = getattr(self, "start_" + name.replace("-", "_"))(self.upstream.port)
        self.started.callback(server.process.stop)
        self.servers[name] = server

    def start_nginx(self, upstream: int):
        return servers.nginx_proxy(self.work, upstream)

    def start_nginx_cache(self, upstream: int):
        return servers.nginx_cache(self.work, upstream)

    def start_haproxy(self, upstream: int):
        return servers.haproxy(self.work, upstream)

    def start_refrain(self, upstream: int):
        return servers.Refrain("refrain", self.work, upstream, loops=1, flags=self.flags())

    def start_refrain_wide(self, upstream: int):
        lines = "upstreams: [{url: URL, connections: 8192}]"
        return servers.Refrain("refrain-wide", self.work, upstream, lines, flags=self.flags())

    def start_refrain_redis(self, upstream: int):
        redis = servers.redis(self.work)
        self.started.callback(redis.process.stop)
        url = f"redis://127.0.0.1:{redis.port}"
        lines = f"upstreams: [{{url: URL}}]\ncache: {{memory: {{size: 1}}, redis: {{url: {url}}}}}"
        return servers.Refrain("refrain-redis", self.work, upstream, lines, loops=1, flags=self.flags())

    def start_portkey(self, upstream: int):
        return servers.Portkey(self.work, upstream)

    def with_peers(self, case):
        return dataclasses.replace(case, servers=case.servers + ("portkey",)) if self.options.peers and case.peers else case

    def flags(self) -> str:
        return f"-XX:MaxRAM={self.options.memory}" if self.options.memory != "all" else ""

    def environment(self) -> dict:
        version = subprocess.run([self.options.java, "-version"], stderr=subprocess.PIPE, text=True, check=True).stderr
        return {
            "java": version.splitlines()[0],
            "cores": os.cpu_count(),
            "began": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "options": {name: str(value) for name, value in vars(self.options).items()},
        }

    # --- One after another ---

    def run(self):
        self.warm_client()
        for case in self.cases:
            for name in case.servers:
                self.warm(case, self.servers[name])
        try:
            for number in range(self.options.rounds):
                self.round(number)
        finally:
            # Also of a run that was broken off.
            self.table.finish(self.cases)

    def round(self, number: int):
        """Each case with each of its servers; who begins changes."""
        for case in self.cases:
            turn = number % len(case.servers)
            for name in case.servers[turn:] + case.servers[:turn]:
                sample = self.drive(case, self.servers[name])
                sample.update(case=case.name, server=name, round=number, load=os.getloadavg()[0])
                self.table.add(sample)
                say(f"round {number + 1} of {self.options.rounds}: {brief(sample)}")

    def warm_client(self):
        """It is a JVM, too."""
        say("warming the client")
        direct = self.upstream.server
        self.client.drive(direct, body("plain", 1), rate=4000, connections=64, seconds=6)
        self.client.drive(direct, body("s-20-2", 1, stream=True), rate=200, connections=200, seconds=4)

    def warm(self, case, server):
        say(f"warming {server.name} for {case.name}")
        self.lengths[case.name, server.name] = verify(case, server, self.upstream.server)
        requests, cost, before, end = 0, 0, 0, time.monotonic() + LONGEST_WARMUP
        while (requests < ENOUGH or cost < 0.9 * before) and time.monotonic() < end:
            cpu = server.process.cpu()
            asked = self.wrk.drive(server, case.hasty, self.first(case), case.distinct, 2, 16, case.path)["requests"]
            before, cost = cost, (server.process.cpu() - cpu) / asked
            requests += asked
        if requests < ENOUGH:
            say(f"{server.name} is not warm: {requests} requests in {LONGEST_WARMUP} s (expected: {ENOUGH})")

    def first(self, case) -> int:
        """Where the numbers in its bodies begin: anew for every drive, unless it is about hits."""
        if case.distinct:
            return 1
        self.next += 100_000_000
        return self.next % 10**11

    def closed(self, case, server, seconds: float) -> dict:
        return self.wrk.drive(server, case.body, self.first(case), case.distinct, seconds, case.connections, case.path)

    def open(self, case, server, **order) -> dict:
        length = self.lengths[case.name, server.name]
        order = {"rate": case.rate, "connections": case.connections, "length": length, "path": case.path, **order}
        if case.distinct:
            order["distinct"] = case.distinct
        return self.client.drive(server, case.body, first=self.first(case), **order)

    def drive(self, case, server) -> dict:
        return getattr(self, "drive_" + case.how)(case, server)

    def drive_closed(self, case, server) -> dict:
        self.closed(case, server, 1)
        asked, cpu = self.upstream.requests(), server.process.cpu()
        result = self.closed(case, server, self.options.seconds)
        cpu, asked = server.process.cpu() - cpu, self.upstream.requests() - asked - 1
        self.check_calls(case, server, result["requests"], asked)
        rate = min(self.options.rate, result["requests"] / result["seconds"] / 2)
        timed = self.open(case, server, rate=rate, warmup=1, seconds=self.options.seconds)
        return {
            "per_second": result["requests"] / result["seconds"],
            "cpu": cpu / result["requests"],
            "rss": server.process.rss(),
            "rate": rate,
            "times": timed["latency"],
            "late": timed["late"],
        }

    def check_calls(self, case, server, requests: int, asked: int):
        """Hits must not reach the upstream, all else must; those under way at either end are not counted alike."""
        wanted = requests * case.calls
        if abs(asked - wanted) > 2 * case.connections * max(1, case.calls):
            raise Wrong(f"compare: {case.name}: {server.name}: {asked} calls to the upstream (expected: {wanted})")

    def window(self, case, server, **order) -> tuple:
        """The open-model client's result, and the CPU the server spent while it counted."""
        cpu = []
        mark = lambda: cpu.append(server.process.cpu())  # noqa: E731
        result = self.open(case, server, measuring=mark, measured=mark, **order)
        return result, cpu[1] - cpu[0]

    def drive_open(self, case, server) -> dict:
        seconds = self.options.seconds
        streams = case.unit == "chunk"
        result, cpu = self.window(case, server, warmup=3 if streams else 1, seconds=seconds)
        # A stream ends with an event that is none of its chunks.
        units = result["events"] * case.chunks / (case.chunks + 1) if streams else result["answered"]
        return {
            "per_second": units / seconds,
            "cpu": cpu / units,
            "rss": server.process.rss(),
            "rate": case.rate,
            "times": result["first" if streams else "latency"],
            "late": result["late"],
        }

    def drive_hold(self, case, server) -> dict:
        seconds = max(10, self.options.seconds)
        most = min(case.connections, self.options.streams)
        result, cpu = self.window(case, server, warmup=HOLD_RAMP, seconds=seconds, most=most, hold=True, length=-1)
        return {
            "per_second": result["events"] / seconds,
            "cpu": cpu / result["events"],
            "core": cpu / seconds,
            "missed": 1 - result["events"] / (most * seconds),
            "rss": server.process.rss(),
            "rate": most,
            "times": result["first"],
            "late": result["late"],
        }

    def drive_sustained(self, case, server) -> dict:
        best = self.closed(case, server, self.options.seconds)
        rate = self.rates.setdefault(server.name, 0.8 * best["requests"] / best["seconds"])
        before = heap(server)
        result, cpu = self.window(case, server, rate=rate, warmup=2, seconds=self.options.sustained)
        return {
            "per_second": result["answered"] / self.options.sustained,
            "cpu": cpu / result["answered"],
            "rss": server.process.rss(),
            "heap": [before, heap(server)],
            "rate": rate,
            "times": result["latency"],
            "late": result["late"],
        }


def heap(server) -> float:
    if not isinstance(server, servers.Refrain):
        return 0
    return sum(value for name, value in server.metrics().items() if name.startswith("jvm_memory_used_bytes{area=\"heap\""))


def brief(sample: dict) -> str:
    return (
        f"{sample['case']} {sample['server']}: {sample['per_second']:.0f}/s, {sample['cpu'] * 1e6:.1f} us CPU, "
        f"p99 {sample['times']['p99']:.0f} us"
    )


def say(text: str):
    print(f"compare: {text}", file=sys.stderr, flush=True)


def options():
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(prog="loadtest/compare", description="Compares Refrain with its neighbours.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(names)}; all but sustained unless told")
    parser.add_argument("--rounds", type=bounded(int, 1, 100), default=5, help="1 to 100, default 5")
    parser.add_argument("--seconds", type=bounded(int, 1, 600), default=5, help="of one drive, 1 to 600, default 5")
    parser.add_argument("--sustained", type=bounded(int, 1, 3600), default=60, help="seconds of that case, to 3600, default 60")
    parser.add_argument("--rate", type=bounded(int, 1, 100_000), default=2000, help="requests a second where times are taken of closed cases")
    parser.add_argument("--streams", type=bounded(int, 1, 5000), default=5000, help="of the case many, to 5000")
    parser.add_argument("--peers", action="store_true", help="also npm's @portkey-ai/gateway, installed once, where it may take part")
    parser.add_argument("--memory", default="512m", help="what the JVM takes the machine to have (-XX:MaxRAM), or all; default 512m")
    chosen = parser.parse_args()
    unknown = set(chosen.cases) - set(names)
    if unknown:
        parser.error(f"case: {', '.join(unknown)} (expected: {', '.join(names)})")
    chosen.cases = chosen.cases or [name for name in names if name != "sustained"]
    chosen.java = java()
    return chosen


def main() -> int:
    chosen = options()
    limit = raise_open_files(65536)
    if "many" in chosen.cases and limit < 3 * chosen.streams + 1000:
        say(f"many: {limit} open files (expected: {3 * chosen.streams + 1000}; see ulimit -Hn); going on without it")
        chosen.cases.remove("many")
    folder = tempfile.TemporaryDirectory(prefix="refrain-compare-")
    with folder as name, contextlib.ExitStack() as started:
        os.chmod(name, 0o755)
        Comparison(chosen, started, pathlib.Path(name)).run()
    return 0


if __name__ == "__main__":
    command("compare", main)
