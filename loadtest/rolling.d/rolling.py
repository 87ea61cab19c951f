"""Constant traffic through a balancer, while what is behind it is reloaded and replaced."""

import argparse
import contextlib
import os
import pathlib
import sys
import tempfile
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "compare.d"))

import cases  # noqa: E402
import servers  # noqa: E402
from drivers import NUMBERS, Client  # noqa: E402
from replicas import Place, balancer, until  # noqa: E402
from rig import bounded, command, java, raise_open_files  # noqa: E402

CHUNKS, PAUSE = 20, 25  # of a stream, and the milliseconds between two
THINGS = 300  # different plain questions
LONGEST = 1800  # seconds, whatever happens
SETTLING = 1.0  # seconds between two events
PLAIN = cases.body("plain", 0)
STREAM = cases.body(f"s-{CHUNKS}-{PAUSE}", 0, stream=True)
ROW = "{:<9} {:>9} {:>7} {:>11} {:>9} {:>9} {:>9} {:>9}"


class Traffic:
    """Requests of one kind at a constant rate, on a client of its own, until it is ended."""

    def __init__(self, client: Client, server, body: str, rate: int, **order):
        self.client = client
        self.result = None
        order.update(rate=rate, connections=4000, seconds=LONGEST, length=length_of(server, body))
        self.running = threading.Thread(target=self.drive, args=(server, body, order), daemon=True)
        self.running.start()

    def drive(self, server, body: str, order: dict):
        self.result = self.client.run(server, body, **order)

    def end(self) -> dict:
        """Begins nothing more, and waits for what is under way."""
        self.client.end()
        self.running.join(60)
        if self.result is None:
            raise SystemExit(f"rolling: the client did not end; see {self.client.process.log}")
        return self.result


def length_of(server, body: str) -> int:
    """Bytes of a right answer."""
    status, _, said = cases.ask(server, body.replace("@", str(NUMBERS - 1)))
    if status != 200:
        raise SystemExit(f"rolling: status {status}: {said[:200]}")
    return len(said)


def lines(redis: int):
    def of(generation: int) -> str:
        return (
            "upstreams: [{url: URL}]\n"
            f"cache: {{ttl: {60 + generation}m, redis: {{url: redis://127.0.0.1:{redis}}}}}\n"
            f"limits: {{n: {100 + generation}}}\n"
            "logging: {level: warn}"
        )

    return of


class Trial:
    """Two replicas, a third place for who follows one of them, and those who ask."""

    def __init__(self, chosen, work: pathlib.Path, started: contextlib.ExitStack):
        self.chosen = chosen
        self.generation = 0
        self.asked = 0
        upstream = servers.Upstream(work)
        started.callback(upstream.process.stop)
        redis = servers.redis(work)
        started.callback(redis.process.stop)
        self.places = [Place(name, work, upstream.port, lines(redis.port)) for name in ("a", "b", "c")]
        for place in self.places:
            started.callback(place.stop)
        for place in self.places[:2]:
            self.start(place)
        self.server = balancer(work, self.places)
        started.callback(self.server.process.stop)
        self.clients = [Client(java(), work, name) for name in ("plain", "streams")]
        for client in self.clients:
            started.callback(client.process.stop)

    def start(self, place: Place):
        place.start(self.generation, f"drain: {{delay: {self.chosen.delay:g}s, timeout: 30s}}")

    def run(self) -> list:
        until(lambda: cases.ask(self.server, PLAIN)[0] == 200, "the balancer finds no replica")
        self.warm()
        traffic = self.traffic()
        time.sleep(SETTLING)
        for event in self.plan():
            event()
        time.sleep(SETTLING)
        return [(kind, one.end()) for kind, one in traffic.items()]

    def plan(self):
        """All reloads, spread over all restarts."""
        turns, reloads = max(1, self.chosen.restarts), self.chosen.reloads
        for turn in range(turns):
            yield from [self.reload] * (reloads * (turn + 1) // turns - reloads * turn // turns)
            if self.chosen.restarts:
                yield self.restart

    def warm(self):
        """A JVM's first minute costs it ten times what any later one does: that is not what is asked here."""
        for share, seconds in ((0.1, 10), (0.3, 15), (1, self.chosen.warmup)):
            traffic = self.traffic(share)
            time.sleep(seconds)
            for one in traffic.values():
                one.end()

    def traffic(self, share: float = 1) -> dict:
        plain, streams = self.clients
        return {
            "plain": Traffic(plain, self.server, PLAIN, share * self.chosen.plain, distinct=THINGS),
            "streams": Traffic(streams, self.server, STREAM, share * self.chosen.streams, first=self.numbers()),
        }

    def numbers(self) -> int:
        """The first of many that nothing bears yet: no stream is asked for twice."""
        self.asked += 10_000_000
        return self.asked

    def reload(self):
        self.generation += 1
        for place in self.places:
            if place.replica:
                place.reload(self.generation)
        say(f"reloaded {self.generation} of {self.chosen.reloads}")
        time.sleep(SETTLING)

    def restart(self):
        """One more before one less, for each."""
        for _ in range(2):
            fresh = next(place for place in self.places if not place.replica)
            old = self.places[(self.places.index(fresh) + 1) % 3]
            self.start(fresh)
            time.sleep(SETTLING)
            status = old.end()
            say(f"{fresh.name} has taken the place of {old.name}, which ended with status {status}")
            if status:
                raise SystemExit(f"rolling: status {status} of {old.name} (expected: 0)")


def say(text: str):
    print(f"rolling: {text}", file=sys.stderr, flush=True)


def options():
    parser = argparse.ArgumentParser(prog="loadtest/rolling", description="Reloads and replaces two replicas under constant traffic.")
    parser.add_argument("--plain", type=bounded(int, 1, 10_000), default=2000, help="plain requests a second, default 2000")
    parser.add_argument("--streams", type=bounded(int, 1, 1000), default=200, help="streams begun a second, default 200")
    parser.add_argument("--reloads", type=bounded(int, 0, 100), default=20, help="of all replicas, default 20")
    parser.add_argument("--restarts", type=bounded(int, 0, 50), default=5, help="of all replicas, one by one, default 5")
    parser.add_argument("--warmup", type=bounded(int, 1, 300), default=20, help="seconds of all of it beforehand, not counted, default 20")
    parser.add_argument("--delay", type=bounded(float, 0, 60), default=5, help="seconds from not ready to not listening, default 5 as in k8s")
    return parser.parse_args()


def report(results: list) -> bool:
    """Whether all is well."""
    print(ROW.format("", "answered", "failed", "unanswered", "p50 ms", "p99 ms", "p99.9 ms", "most ms"))
    for name, said in results:
        times = [f"{said['latency'][part] / 1000:.1f}" for part in ("p50", "p99", "p999", "max")]
        print(ROW.format(name, said["answered"], said["failed"], said.get("unanswered", 0), *times))
        for why, count in said["failures"].items():
            print(f"          {count} × {why}")
    return not any(said["failed"] or said.get("unanswered") for _, said in results)


def main() -> int:
    chosen = options()
    raise_open_files(65536)
    with tempfile.TemporaryDirectory(prefix="refrain-rolling-") as name, contextlib.ExitStack() as started:
        os.chmod(name, 0o755)
        begin = time.monotonic()
        trial = Trial(chosen, pathlib.Path(name), started)
        results = trial.run()
        load = os.getloadavg()[0]
        print(f"{chosen.plain} plain requests and {chosen.streams} streams a second, {chosen.reloads} reloads, "
              f"{chosen.restarts} rolling restarts of two; {time.monotonic() - begin:.0f} s, load {load:.1f}\n")
        return 0 if report(results) else 1


if __name__ == "__main__":
    command("rolling", main)
