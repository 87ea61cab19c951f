"""The same requests through real replicas and on paper: how far the paper is off.

The paper is told what really came when and where, how long a call took, and how many entries fitted into an L1. Both begin
with nothing.
"""

import itertools
import json
import queue
import threading
import time

from fleet import Fleet
from model import FOLLOW, JOIN, L1, L2, LEAD, Model, Traffic
from simulate import Costs

REQUESTS = 12_000
KEYS = 2_000
EXPONENT = 1.0
FRESH = 0.05
MEMORY = "300KiB"  # of an L1, so that it is much too small
TOKENS = 5  # of 60 ms: a call takes 0.3 s
THREADS = 24
PACED = "paced"


def real(fleet: Fleet, requests: list) -> tuple:
    """When each came, and how long those took that went to the upstream."""
    todo, times, took = queue.SimpleQueue(), [0.0] * len(requests), []
    for number in range(len(requests)):
        todo.put(number)
    begin = time.monotonic()

    def work():
        while True:
            try:
                number = todo.get_nowait()
            except queue.Empty:
                return
            _, replica, key = requests[number]
            times[number] = time.monotonic() - begin
            status = fleet.ask(replica, f"key {key} of {begin}", PACED, TOKENS)
            if "fwd=uri-miss" in status and "collapsed" not in status:
                took.append(time.monotonic() - begin - times[number])

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, sorted(took)[len(took) // 2]


def counted(fleet: Fleet) -> dict:
    total = fleet.total
    followed = total('refrain_fleet_total{outcome="followed"}')
    return {
        L1: total("refrain_cache_lookups_total", 'outcome="hit"', 'tier="memory"'),
        L2: total("refrain_cache_lookups_total", 'outcome="hit"', 'tier="redis"'),
        JOIN: total("refrain_collapsed_total"),
        FOLLOW: followed,
        LEAD: total("refrain_upstream_calls_total"),
    }


def main(options, work):
    requests = list(itertools.islice(Traffic(options.seed, options.replicas, 1.0, KEYS, EXPONENT, FRESH), REQUESTS))
    with Fleet(work / "fleet", options.replicas, cache=f"memory: {{size: {MEMORY}}}") as fleet:
        for replica in range(options.replicas):
            fleet.ask(replica, fleet.prompt())
        before = counted(fleet)
        fleet.meter.begin()
        times, call = real(fleet, requests)
        count = fleet.meter.end()
        after = counted(fleet)
        found = {how: after[how] - before[how] for how in after}
        entries = fleet.total("refrain_memory_cache_entries") / options.replicas
        # Those within scripts are others.
        commands = sum(count.of(name) for name in ("getrange", "set", "eval", "xread", "hgetall"))
        seconds = fleet.meter.seconds
    model = Model(options.replicas, round(entries), 86_400.0, call)
    for now, (_, replica, key) in sorted(zip(times, requests)):
        model.request(now, replica, key)
    wanted = {how: model.tally[how] for how in found}
    paper, size = Costs().of_fleet(model.tally, seconds, options.replicas, call, 0, 0)
    rows = [(how, found[how], wanted[how]) for how in found]
    rows += [("Redis commands", commands, paper * seconds), ("Redis bytes", count.into + count.out, size * seconds)]
    print(f"{REQUESTS} requests in {max(times):.0f} s, {options.replicas} replicas, {KEYS} keys, s = {EXPONENT}, "
          f"{entries:.0f} entries in each L1, a call takes {call:.2f} s")
    print(f"{'':<16} {'real':>10} {'paper':>10} {'off by':>8}")
    for name, one, other in rows:
        print(f"{name:<16} {one:>10.0f} {other:>10.0f} {100 * (other - one) / max(1, one):>7.1f} %")
    if options.json:
        options.json.write_text(json.dumps([{"what": name, "real": one, "paper": other} for name, one, other in rows], indent=1) + "\n")
