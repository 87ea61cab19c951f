"""Measures how 64 prompts reach the engine: batches.py BIN_REFRAIN [ROUNDS]

An engine with eight slots answers 64 prompts at temperature 0 directly, and through three proxies that differ in
``upstreams[].fanout``. Each round asks each of the four once, in an order that rotates, for prompts that are new. A row
has the minimum and the median of the rounds: of the wall time, and of the engine's CPU time, which other work on the
machine disturbs less.
"""

import contextlib
import json
import pathlib
import statistics
import sys
import tempfile

from rig import Engine, Proxy, Python, begin, call, since

SLOTS = 8
COLUMNS = "{:<8} {:>10} {:>9} {:>9} {:>9} {:>9}  {}"


def processor_seconds(pid: int) -> float:
    """Of a process since its start, Linux only."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def sets_of(prefix: str) -> list[str]:
    return [f"{prefix}, story {number}: once" for number in range(64)]


def measure(engine: Engine, clients: dict[str, Python], tokens: int, rounds: int):
    seen = {name: [] for name in clients}
    for turn in range(rounds):
        names = [*clients]
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            client = clients[name]
            # Prompts of equal length; stored answers do not help.
            request = call(sets_of(f"{name:.2} {turn} {tokens}"), max_tokens=tokens)
            before, start = processor_seconds(engine.process.pid), begin()
            answer = client.ask(request)
            wall, spent = since(start), processor_seconds(engine.process.pid) - before
            seen[name].append((wall, spent * 1000, len(answer.texts) == 64))
    for name, rows in seen.items():
        walls, spent, whole = zip(*rows)
        numbers = [min(walls), statistics.median(walls), min(spent), statistics.median(spent)]
        print(COLUMNS.format(name, tokens, *map(round, numbers), "ok" if all(whole) else "WRONG"), flush=True)


def main(launcher: str, rounds: str = "4"):
    with contextlib.ExitStack() as started:
        folder = pathlib.Path(started.enter_context(tempfile.TemporaryDirectory()))
        log = started.enter_context(open(folder / "refrain.log", "w"))
        engine = Engine(str(SLOTS))
        started.callback(engine.process.kill)
        clients = {"direct": Python(engine.url + "/v1")}
        for fanout in ("split", "batch", "native"):
            settings = folder / f"{fanout}.yaml"
            settings.write_text(json.dumps({"upstreams": [{"url": engine.url, "fanout": fanout}]}))
            proxy = Proxy(launcher, engine.url + "/v1", log, REFRAIN_CONFIG=str(settings))
            started.callback(proxy.process.terminate)
            clients[fanout] = Python(proxy.url)
        for client in clients.values():
            client.ask(call("Warm up", max_tokens=1))
        print(COLUMNS.format("way", "max_tokens", "wall ms", "median", "engine ms", "median", ""))
        for tokens in (8, 1):
            measure(engine, clients, tokens, int(rounds))


if __name__ == "__main__":
    main(*sys.argv[1:3])
