"""Fleets on paper, of growing size, skew and number of keys, and what they would ask of Redis by the counted costs."""

import csv
import itertools
import json
import math
from collections import Counter

from model import FOLLOW, JOIN, L1, L2, LEAD, Model, Traffic, begun
from rig import HOME

# Of every fleet, unless varied.
RATE = 1000  # requests a second and replica
KEYS = 100_000
EXPONENT = 1.0
ENTRIES = 40_000  # the default of 64 MiB, at 1.6 KB an answer
FRESH = 0.1  # part of the requests nobody asks again
TTL = 86_400.0  # seconds, the default
CALL = 2.0  # seconds of one call
CHUNKS = 50  # of a call that is streamed
STREAMED = 0.5  # part of the calls
REPLICAS = (1, 2, 4, 10, 16, 32, 64)
SLOTS = 16_384
MASTERS = 6
LEASE = 5.0
MOMENT = 0.2  # what nobody follows is told so often, in seconds
SILENT = 1 / 0.055  # reads a second of a loop that follows and hears nothing: XREAD BLOCK 50, then 5 ms
BUSY = 200.0  # most reads a second of a loop: one every 5 ms
REQUESTS = 600_000  # counted, after a third as many that are not


class Costs:
    """Commands and bytes (both ways) from docs/reports/curves/counts.csv."""

    def __init__(self):
        with open(HOME / "docs" / "reports" / "curves" / "counts.csv", newline="") as lines:
            self.rows = {row["what"]: row for row in csv.DictReader(lines)}
        self.hit = self.of("Redis hit, plain")
        self.miss = self.of("miss, plain")
        self.rest = self.of("at rest")
        several = self.of("chunk every 60 ms, stream, followed on 0 replicas")
        single = self.of("chunk every 250 ms, stream, followed on 0 replicas")
        # Bytes: told together, each chunk has its own, and all of them those of one telling.
        self.telling = (single[1] - several[1]) / (single[0] - several[0])
        self.chunk = single[1] - single[0] * self.telling
        reads = self.trips("flight followed on 1 replicas, plain, 1.5 s")["XREAD"]
        commands, size = self.of("flight followed on 1 replicas, plain, 1.5 s")
        alone = self.of("flight followed on 0 replicas, plain, 1.5 s")
        # Reads are reckoned apart, for they go by time.
        self.follow = (commands - alone[0] - reads, size - alone[1])

    def of(self, what: str) -> tuple:
        row = self.rows[what]
        return float(row["commands"]), float(row["bytes_in"]) + float(row["bytes_out"])

    def trips(self, what: str) -> dict:
        return {name: float(value) for name, value in (one.split(":") for one in self.rows[what]["round_trips"].split())}

    def of_fleet(self, tally: Counter, seconds: float, replicas: int, call: float, streamed: float, chunks: float) -> tuple:
        """Commands and bytes a second."""
        hits, calls, follows = (tally[how] / seconds for how in (L2, LEAD, FOLLOW))
        heard = min(calls, follows)
        alone = calls - heard
        told = streamed * (heard * chunks + alone * min(chunks, call / MOMENT))
        renewals = calls * math.floor(call / (LEASE / 3))
        following = follows / replicas * call  # flights that a replica follows at a time
        often = min(BUSY, max(SILENT, following * streamed * chunks / call))
        reads = replicas * (1 - math.exp(-following)) * often
        parts = ((hits, self.hit), (calls, self.miss), (follows, self.follow), (replicas, self.rest))
        commands = sum(number * cost[0] for number, cost in parts) + told + renewals + reads
        return commands, sum(number * cost[1] for number, cost in parts) + told * self.telling + calls * streamed * chunks * self.chunk


def fleet(seed: int, costs: Costs, replicas: int = 10, keys: int = KEYS, exponent: float = EXPONENT,
          entries: int = ENTRIES, fresh: float = FRESH, ttl: float = TTL) -> dict:
    traffic = Traffic(seed, replicas, RATE * replicas, keys, exponent, fresh)
    model = Model(replicas, entries, ttl, CALL)
    begun(traffic, model)
    requests = iter(traffic)
    for now, replica, key in itertools.islice(requests, REQUESTS // 3):
        model.request(now, replica, key)
    model.reset()
    begin = now
    for now, replica, key in itertools.islice(requests, REQUESTS):
        model.request(now, replica, key)
    return told(model, now - begin, costs, {"replicas": replicas, "keys": keys, "exponent": exponent, "entries": entries,
                                            "fresh": fresh, "ttl_s": ttl})


def told(model: Model, seconds: float, costs: Costs, what: dict) -> dict:
    tally, replicas = model.tally, len(model.memories)
    total = sum(tally.values())
    looked = tally[L2] + tally[FOLLOW] + tally[LEAD]
    commands, size = costs.of_fleet(tally, seconds, replicas, CALL, STREAMED, CHUNKS)
    slots, masters = Counter(), Counter()
    for key, number in model.asked_of_redis.items():
        slot = (key * 2_654_435_761 % 2**32) >> 18
        slots[slot] += number
        masters[slot * MASTERS // SLOTS] += number
    return {
        **what,
        "l1": round(tally[L1] / total, 4),
        "l2": round(tally[L2] / max(1, looked), 4),
        "called": round(tally[LEAD] / total, 4),
        "joined_per_s": round(tally[JOIN] / seconds, 2),
        "followed_per_s": round(tally[FOLLOW] / seconds, 2),
        "redis_commands_per_s": round(commands),
        "redis_commands_per_request": round(commands / (total / seconds), 3),
        "redis_mbytes_per_s": round(size / 1e6, 2),
        "duplication": round(model.duplication(), 2),
        "one_off_share_of_l1": round(model.one_off(), 3),
        "hottest_key_share": round(max(model.asked_of_redis.values(), default=0) / max(1, looked), 5),
        "hottest_slot_share": round(max(slots.values(), default=0) / max(1, looked), 5),
        "hottest_master_share": round(max(masters.values(), default=0) / max(1, looked), 4),
    }


def sweep(seed: int) -> list:
    """One thing varied at a time; each as lines of docs/reports/curves/fleet.csv."""
    costs, rows = Costs(), []
    for varied, values in (
        ("replicas", [{"replicas": number} for number in REPLICAS]),
        ("keys", [{"keys": number} for number in (10_000, 100_000, 1_000_000)]),
        ("exponent", [{"exponent": number} for number in (0.6, 0.8, 1.0, 1.2)]),
        ("entries", [{"entries": number} for number in (2_500, 10_000, 40_000, 160_000)]),
        ("ttl_s", [{"ttl_s": number} for number in (60.0, 600.0, 86_400.0)]),
    ):
        for value in values:
            chosen = {"ttl" if name == "ttl_s" else name: one for name, one in value.items()}
            row = {"varied": varied, **fleet(seed, costs, **chosen)}
            rows.append(row)
            show(row)
    return rows


def show(row: dict):
    print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)


def main(options, _):
    rows = sweep(options.seed)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
