"""Redis commands and bytes by what happens. Counts, not times: they are the same on any machine."""

import contextlib
import json
import time
from concurrent.futures import ThreadPoolExecutor

from fleet import PACES, Fleet
from meter import Count

# Flights at once, tokens of each, framing, name.
MANY = (
    (10, 16, False, "silent"),
    (250, 24, False, "silent"),
    (100, 24, True, "4 chunks a second"),
)
HEAD = "{:<58} {:>7} {:>9} {:>9} {:>9}  {}"
LED = 'refrain_fleet_total{outcome="led"}'
ALONE = 'refrain_fleet_total{outcome="failed_open"}'
PLAIN, STREAM = False, True


def split(count: Count) -> dict:
    """Round trips by command. Within scripts Redis counts each command once more: those that Refrain sends by themselves
    are GETRANGE, SET, XREAD, HGETALL, HDEL and, with a purge, of which scripts know nothing, HSET and PEXPIRE."""
    purging = not count.of("eval")
    scripts = {"claim or renew or tell": count.of("eval") - count.of("pttl"), "look at a lease": count.of("pttl")}
    trips = {
        "GETRANGE": count.of("getrange"),
        "SET": count.of("set"),
        "EVAL": count.of("eval"),
        "XREAD": count.of("xread"),
        "HGETALL": count.of("hgetall"),
        "HSET": count.of("hset") if purging else 0,
        "HDEL": count.of("hdel"),
        "PEXPIRE": count.of("pexpire") if purging else 0,
    }
    return {"trips": trips, "scripts": scripts, "items": count.of("xadd")}


class Counts:
    def __init__(self, work, replicas: int, rounds: int):
        self.work = work
        self.most = replicas
        self.rounds = rounds
        self.rows = []

    def run(self) -> dict:
        with Fleet(self.work / "one", self.most) as fleet:
            self.fleet = fleet
            self.warm()
            self.at_rest()
            self.hits_and_misses()
            self.joiners()
            self.followers()
            self.chunks()
            self.purges()
        for cluster in (False, True):
            with Fleet(self.work / f"many-{cluster}", 2, cluster=cluster) as fleet:
                self.fleet = fleet
                self.warm()
                self.many("in a cluster" if cluster else "one server")
        return {"replicas": self.most, "rounds": self.rounds, "rows": self.rows}

    def warm(self):
        """Connections, first classes, the board of purges."""
        for replica in range(len(self.fleet.replicas)):
            for framing in (PLAIN, STREAM):
                self.fleet.ask(replica, self.fleet.prompt(), stream=framing)

    # --- Counting ---

    @contextlib.contextmanager
    def counted(self, what: str, number: float, unit: str, keep_board: bool = False, **more):
        """Counts what happens within, but for what goes on at rest, and tells it by the unit."""
        self.fleet.meter.begin()
        seen = {}
        yield seen
        count = self.fleet.meter.end()
        if not keep_board:
            # Bytes by the reading of the board: readings are what goes on by the clock.
            count = count.without(self.reading, count.of("hgetall"))
        self.row(what, unit, count.each(number), **{**more, **seen})

    def row(self, what: str, unit: str, count: Count, **more):
        row = {"what": what, "unit": unit, **split(count), "into": count.into, "out": count.out, **more}
        row["commands"] = sum(row["trips"].values())
        self.rows.append(row)
        show(row)

    def at_rest(self):
        meter = self.fleet.meter
        meter.begin()
        time.sleep(5)
        count = meter.end()
        readings = count.of("hgetall")
        self.reading = count.each(readings)
        self.row("at rest", "second and replica", count.each(meter.seconds * self.most))

    # --- What happens ---

    def hits_and_misses(self):
        fleet = self.fleet
        for framing, name in ((PLAIN, "plain"), (STREAM, "stream of 20 chunks at once")):
            prompts = [fleet.prompt() for _ in range(self.rounds)]
            with self.counted(f"miss, {name}", self.rounds, "request"):
                for prompt in prompts:
                    fleet.ask(0, prompt, stream=framing)
            with self.counted(f"memory hit, {name}", self.rounds, "request"):
                for prompt in prompts:
                    self.expect("hit", fleet.ask(0, prompt, stream=framing))
            if self.most > 1:
                with self.counted(f"Redis hit, {name}", self.rounds, "request"):
                    for prompt in prompts:
                        self.expect("hit", fleet.ask(1, prompt, stream=framing))

    def joiners(self):
        for number in (1, 8):
            prompts = [self.fleet.prompt() for _ in range(5)]
            with self.counted(f"flight with {number} local joiners, plain, 1.5 s", 5, "flight", local=number):
                for prompt in prompts:
                    self.fleet.together([(0, prompt, "paced", 25)] * (number + 1))

    def followers(self):
        for framing, name in ((PLAIN, "plain"), (STREAM, "25 chunks")):
            for others in range(self.most):
                prompts = [self.fleet.prompt() for _ in range(5)]
                with self.counted(f"flight followed on {others} replicas, {name}, 1.5 s", 5, "flight", followers=others,
                                  framing=name):
                    for prompt in prompts:
                        self.fly(prompt, others, "paced", 25, framing)

    def fly(self, prompt: str, others: int, model: str, tokens: int, framing: bool):
        """One leads, and when it does the others are asked."""
        led = self.fleet.total(LED, replica=0)
        with ThreadPoolExecutor(1 + others) as threads:
            asked = [threads.submit(self.fleet.ask, 0, prompt, model, tokens, framing)]
            self.fleet.wait_for(LED, 0, led + 1)
            for other in range(1, others + 1):
                asked.append(threads.submit(self.fleet.ask, other, prompt, model, tokens, framing))
            for done in asked:
                done.result()

    def chunks(self):
        """By the difference of a long and a short stream: what a chunk costs, and not the flight. Where a machine is so busy
        that chunks come together they are told together, and cost less."""
        for others in sorted({0, 1, self.most - 1} & set(range(self.most))):
            self.chunk("paced", (10, 85), STREAM, "stream", others)
            if others < 2:
                self.chunk("paced", (10, 85), PLAIN, "plain callers", others)
        self.chunk("slow", (4, 24), STREAM, "stream", 0)

    def chunk(self, model: str, tokens: tuple, framing: bool, name: str, others: int):
        counts = []
        for number in tokens:
            self.fleet.meter.begin()
            self.fly(self.fleet.prompt(), others, model, number, framing)
            count = self.fleet.meter.end()
            counts.append(count.without(self.reading, count.of("hgetall")))
        each = counts[1].without(counts[0], 1).each(tokens[1] - tokens[0])
        self.row(f"chunk every {PACES[model]} ms, {name}, followed on {others} replicas", "chunk", each, followers=others)

    def purges(self):
        with self.counted("purge of a model, first", 1, "purge", keep_board=True):
            self.fleet.purge(0, {"model": "nobody"})
            time.sleep(1.5)
        self.fleet.meter.begin()
        time.sleep(4)
        count = self.fleet.meter.end()
        self.row("at rest, one purge on the board", "second and replica",
                 count.each(self.fleet.meter.seconds * self.most))

    def many(self, where: str):
        """Many flights at once, each followed on one other replica: what following costs a second."""
        for flights, tokens, framing, name in MANY:
            prompts = [self.fleet.prompt() for _ in range(flights)]
            leaders = [(0, prompt, "slow", tokens, framing) for prompt in prompts]
            followers = [(1, prompt, "slow", tokens, framing) for prompt in prompts]
            alone = self.fleet.total(ALONE)
            with ThreadPoolExecutor(2 * flights) as threads:
                asked = [threads.submit(self.fleet.ask, *call) for call in leaders]
                self.fleet.wait_for("refrain_flights", 0, flights)
                asked += [threads.submit(self.fleet.ask, *call) for call in followers]
                self.fleet.wait_for("refrain_flights", 1, flights)
                time.sleep(0.3)
                seconds, cpu = 1.5, self.cpu()
                before, begin = self.fleet.meter.read(), time.monotonic()
                own = self.fleet.meter.last
                time.sleep(seconds)
                after, seconds = self.fleet.meter.read(), time.monotonic() - begin
                cpu = [round((now - then) / seconds, 3) for now, then in zip(self.cpu(), cpu)]
                for done in asked:
                    done.result()
            count = after.without(before, 1)
            count.out -= own
            names = dict(zip(("leader", "follower", "redis"), cpu))
            self.row(f"{flights} flights at once, {name}, followed on 1, {where}", "second", count.each(seconds),
                     flights=flights, cores=names, where=where, framing=name, alone=self.fleet.total(ALONE) - alone)

    def cpu(self) -> list:
        return [replica.process.cpu() for replica in self.fleet.replicas] + [self.fleet.redis.cpu()]

    @staticmethod
    def expect(word: str, status: str):
        if word not in status:
            raise SystemExit(f"scale: Cache-Status: {status} (expected: {word})")


def flat(row: dict) -> dict:
    """As a line of CSV."""
    trips = " ".join(f"{name}:{round(value, 2):g}" for name, value in row["trips"].items() if round(value, 2))
    cores = " ".join(f"{name}:{value:g}" for name, value in row.get("cores", {}).items())
    return {"what": row["what"], "per": row["unit"], "commands": round(row["commands"], 2), "bytes_in": round(row["into"]),
            "bytes_out": round(row["out"]), "round_trips": trips, "cores": cores, "not_agreed_on": row.get("alone", "")}


def show(row: dict):
    trips = ", ".join(f"{name} {value:.3g}" for name, value in row["trips"].items() if round(value, 3))
    more = ""
    if "cores" in row:
        more = "   cores: " + ", ".join(f"{name} {value}" for name, value in row["cores"].items())
        more += f", not agreed on: {row['alone']:.0f}" if row["alone"] else ""
    print(HEAD.format(row["what"], "", f"{row['commands']:.2f}", f"{row['into']:.0f}", f"{row['out']:.0f}",
                      f"a {row['unit']}: {trips or 'none'}{more}"), flush=True)


def main(options, work):
    print(HEAD.format("", "", "commands", "bytes in", "bytes out", "round trips"))
    result = Counts(work, options.replicas, options.rounds).run()
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")
