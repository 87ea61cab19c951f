"""Measures all points by turns, writes the medians as CSV, and draws them."""

import argparse
import contextlib
import csv
import os
import pathlib
import statistics
import sys
import tempfile

from bench import Bench  # makes the rigs known
from drawing import draw
from points import points
from rig import HOME, bounded, command, raise_open_files

FOLDER = HOME / "docs" / "reports" / "curves"
MEASURED = ("body", "answer", "n", "chunks", "streams", "keys", "costs")
COUNTED = ("redis", "counts", "fleet")
HEAD = ["series", "x", "cpu_us", "least_us", "most_us", "rounds", "redis_cpu_us", "acceptor_cpu_us", "rss_mb"]


def measure(chosen, work: pathlib.Path):
    todo = [point for point in points() if point.curve in chosen.curves]
    if not todo:
        return
    with contextlib.ExitStack() as started:
        bench = Bench(work, started, chosen.seconds)
        samples = {point: [] for point in todo}
        # One curve after the other, so that few servers are there at once; within it by turns, so that all points
        # of a curve see the same machine.
        for curve in chosen.curves:
            mine = [point for point in todo if point.curve == curve]
            for point in mine:
                say(f"warming {curve}: {point.series}, {point.x:g}")
                bench.warm(point)
            for number in range(chosen.rounds if mine else 0):
                for point in mine[number % len(mine):] + mine[:number % len(mine)]:
                    sample = bench.drive(point)
                    samples[point].append(sample)
                    say(f"{curve}, round {number + 1}: {point.series}, {point.x:g}: {sample['cpu']:.1f} us, "
                        f"{sample['requests']} of them, load {os.getloadavg()[0]:.0f}")
            if mine:
                write(curve, [row(point, samples[point]) for point in mine])
            if curve == "keys":
                weigh(bench)


def row(point, samples: list) -> dict:
    cpu = [sample["cpu"] for sample in samples]

    def middle(name):
        return round(statistics.median(sample[name] for sample in samples), 2) if name in samples[0] else ""

    return {
        "series": point.series, "x": f"{point.x:g}" if point.x < 1e6 else f"{point.x:.0f}", "cpu_us": middle("cpu"),
        "least_us": round(min(cpu), 2), "most_us": round(max(cpu), 2), "rounds": len(cpu),
        "redis_cpu_us": middle("redis"), "acceptor_cpu_us": middle("acceptor"),
        "rss_mb": round(max(sample["rss"] for sample in samples) / 1e6, 1),
    }


def weigh(bench):
    """What is kept weighs, for docs/reports/curves/entry.csv: by our account, and in a heap that was just collected."""
    kept = bench.kept()
    with open(FOLDER / "entry.csv", "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["entries", "weight_bytes", "heap_bytes"])
        writer.writerow([round(kept["entries"]), round(kept["weight"]), round(kept["heap"] or 0)])
    say(f"kept: {kept}")


def write(name: str, rows: list):
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f"{name}.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    if "cpu_us" not in rows[0]:
        return
    print(f"\n{name}")
    for one in rows:
        more = f"   Redis {one['redis_cpu_us']} us" if one["redis_cpu_us"] != "" else ""
        more += f"   acceptor {one['acceptor_cpu_us']} us" if one["acceptor_cpu_us"] != "" else ""
        print(f"  {one['series']:<40} {one['x']:>8} {one['cpu_us']:>10} us   {one['least_us']} to {one['most_us']}, "
              f"RSS {one['rss_mb']} MB{more}", flush=True)


def count(chosen, work: pathlib.Path):
    if "redis" in chosen.curves:
        from redis import measure as commands

        rows = []
        for pipeline in (1, 8):
            folder = work / str(pipeline)
            folder.mkdir()
            rows += commands(folder, pipeline)
        write("redis", rows)
    if "counts" in chosen.curves:
        from counts import Counts, flat

        write("counts", [flat(one) for one in Counts(work, 4, 50).run()["rows"]])
    if "fleet" in chosen.curves:
        from simulate import sweep

        write("fleet", sweep(chosen.seed))


def say(text: str):
    print(f"curves: {text}", file=sys.stderr, flush=True)


def options():
    names = MEASURED + COUNTED
    parser = argparse.ArgumentParser(prog="loadtest/curves", description="How cost grows, measured and drawn.")
    parser.add_argument("curves", nargs="*", metavar="CURVE", help=f"of {', '.join(names)}; all unless told")
    parser.add_argument("--draw", action="store_true", help="draw what was measured before")
    parser.add_argument("--rounds", type=bounded(int, 1, 50), default=3, help="1 to 50, default 3")
    parser.add_argument("--seconds", type=bounded(float, 1, 60), default=2.0, help="of one drive, 1 to 60, default 2")
    parser.add_argument("--seed", type=int, default=7, help="of the simulation, default 7")
    chosen = parser.parse_args()
    unknown = set(chosen.curves) - set(names)
    if unknown:
        parser.error(f"curve: {', '.join(unknown)} (expected: {', '.join(names)})")
    chosen.curves = chosen.curves or list(names)
    return chosen


def main() -> int:
    chosen = options()
    if not chosen.draw:
        raise_open_files(65536)
        with tempfile.TemporaryDirectory(prefix="refrain-curves-") as name:
            work = pathlib.Path(name)
            work.chmod(0o755)
            measure(chosen, work)
            count(chosen, work)
    draw(FOLDER)
    return 0


if __name__ == "__main__":
    command("curves", main)
