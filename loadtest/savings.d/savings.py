"""The same workload through each system, cold; what the upstream was made to generate, beside the least possible."""

import argparse
import asyncio
import contextlib
import json
import pathlib
import os
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "compare.d"))

import servers  # noqa: E402
from callers import Callers  # noqa: E402
from rig import HOME, bounded, command, raise_open_files  # noqa: E402
from stub import Stub  # noqa: E402
from workload import Workload, least  # noqa: E402

COLUMNS = "{:<34} {:>7} {:>10} {:>7} {:>10} {:>7} {:>9} {:>7}  {}"
WARMING, WARM = 4711, 1000  # seed and number of requests that warm up
SYSTEMS = {
    "direct": "no proxy",
    "nginx": "nginx, cache keyed by the body",
    "one": "Refrain",
    "one-finish": "Refrain, abandoned: finish",
    "two": "two Refrains and Redis",
    "two-finish": "two and Redis, abandoned: finish",
}


def start(system: str, work: pathlib.Path, upstream: int, started: contextlib.ExitStack, chosen) -> list:
    """The servers to ask by turns."""
    folder = work / system
    folder.mkdir()
    os.chmod(folder, 0o755)
    if system == "direct":
        return [servers.Server("direct", None, upstream)]
    if system == "nginx":
        return [stopped_by(started, servers.nginx_cache(folder, upstream))]
    lines, cache = "upstreams: [{url: URL}]", []
    if system.startswith("two"):
        redis = stopped_by(started, servers.redis(folder))
        settings = f"timeout: {chosen.redis_timeout}, lease: {chosen.lease}"
        cache.append(f"redis: {{url: redis://127.0.0.1:{redis.port}, {settings}}}")
    if system.endswith("finish"):
        cache.append("abandoned: finish")
    lines += f"\ncache: {{{', '.join(cache)}}}" if cache else ""
    names = ("a", "b") if system.startswith("two") else ("a",)
    return [
        stopped_by(started, servers.Refrain(name, folder, upstream, lines, flags="-XX:MaxRAM=512m")) for name in names
    ]


def stopped_by(started: contextlib.ExitStack, server):
    started.callback(server.process.stop)
    return server


async def trial(system: str, work: pathlib.Path, asks: list, chosen) -> dict:
    stub = Stub()
    port = await stub.start()
    with contextlib.ExitStack() as started:
        replicas = await asyncio.to_thread(start, system, work, port, started, chosen)
        ports, headers = [replica.port for replica in replicas], replicas[0].headers
        # Caches are cold, JVMs are not: other questions first.
        await Callers(ports, headers).ask_all(Workload(WARMING, WARM, chosen.pause / 1000, "Übung").asks)
        await calm(stub)
        stub.forget()
        before = {replica.name: telling(replica) for replica in replicas}
        callers = Callers(ports, headers)
        await callers.ask_all(asks)
        await calm(stub)
        seen = {replica.name: since(before[replica.name], telling(replica)) for replica in replicas}
    stub.server.close()
    generated, read = least(asks)
    return {
        "system": system,
        "calls": stub.calls,
        "generated": stub.generated,
        "generated_ratio": stub.generated / generated,
        "read": stub.read,
        "read_ratio": stub.read / read,
        "cut_off": stub.cut,
        "wrong": sum(callers.wrong.values()),
        "why": dict(callers.wrong),
        "examples": callers.examples,
        "metrics": seen,
    }


async def calm(stub: Stub):
    """Calls that nobody waits for any more may still go on, and cost."""
    before = -1
    while before != stub.generated:
        before = stub.generated
        await asyncio.sleep(0.3)


def since(before: dict, after: dict) -> dict:
    return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}


def telling(replica: servers.Server) -> dict:
    """What of its metrics tells where savings went."""
    if not isinstance(replica, servers.Refrain):
        return {}
    names = ("refrain_bypass", "refrain_cache", "refrain_collapsed", "refrain_fleet", "refrain_flights", "refrain_redis",
             "refrain_upstream_calls", "refrain_upstream_retries", "refrain_tokens")
    series = replica.metrics().items()
    return {name: value for name, value in series if name.startswith(names) and "_seconds" not in name and value}


def redis_errors(result: dict) -> int:
    """Look-ups that Redis did not answer in time: while there are any, replicas do not know of each other."""
    name = 'refrain_redis_operations_total{operation="get",outcome="error"}'
    return int(sum(metrics.get(name, 0) for metrics in result["metrics"].values()))


def remarks(result: dict) -> str:
    said = [f"{count} {reason}" for reason, count in result["why"].items()]
    if redis_errors(result):
        said.append(f"Redis was late or away for {redis_errors(result)} look-ups")
    return ", ".join(said)


def show(result: dict):
    print(
        COLUMNS.format(
            SYSTEMS[result["system"]],
            result["calls"],
            result["generated"],
            f"{result['generated_ratio']:.3f}",
            result["read"],
            f"{result['read_ratio']:.3f}",
            result["cut_off"],
            result["wrong"],
            remarks(result),
        ),
        flush=True,
    )


async def run(chosen) -> int:
    asks = Workload(chosen.seed, chosen.requests, chosen.pause / 1000).asks
    generated, read = least(asks)
    print(
        f"{len(asks)} requests, {sum(len(ask.expected()) for ask in asks)} choices; "
        f"least possible: {generated} tokens generated, {read} read\n"
    )
    print(COLUMNS.format("", "calls", "generated", "ratio", "read", "ratio", "cut off", "wrong", ""))
    results = []
    with tempfile.TemporaryDirectory(prefix="refrain-savings-") as work:
        os.chmod(work, 0o755)
        for system in chosen.systems:
            results.append(await trial(system, pathlib.Path(work), asks, chosen))
            show(results[-1])
    folder = HOME / "target" / "savings"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    ours = [result for result in results if result["system"].startswith(("one", "two"))]
    return 1 if any(result["wrong"] for result in ours) else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="loadtest/savings", description="What is paid, beside the least possible.")
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=f"of {', '.join(SYSTEMS)}; all unless told")
    parser.add_argument("--requests", type=bounded(int, 1, 100_000), default=3000, help="1 to 100000, default 3000")
    parser.add_argument("--seed", type=int, default=1, help="of the workload, default 1")
    parser.add_argument("--pause", type=bounded(int, 1, 10_000), default=100, help="ms from one burst to the next, default 100")
    parser.add_argument("--redis-timeout", default="25ms", help="cache.redis.timeout; longer where the machine is busy")
    parser.add_argument("--lease", default="5s", help="cache.redis.lease; longer where the machine is busy")
    chosen = parser.parse_args()
    chosen.systems = chosen.systems or list(SYSTEMS)
    if set(chosen.systems) - set(SYSTEMS):
        parser.error(f"system: {', '.join(set(chosen.systems) - set(SYSTEMS))} (expected: {', '.join(SYSTEMS)})")
    raise_open_files(16384)
    return asyncio.run(run(chosen))


if __name__ == "__main__":
    command("savings", main)
