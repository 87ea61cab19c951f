"""What was measured: medians over the rounds, and the medians of the rounds' ratios."""

import csv
import json
import statistics

from rig import HOME

COLUMNS = "  {:<14} {:>9} {:>9}  {:<22} {:>8} {:>8} {:>8}  {:>16} {:>7}"


class Table:
    def __init__(self, options, environment: dict):
        self.folder = HOME / "target" / "compare"
        self.environment = environment
        self.samples = []

    def add(self, sample: dict):
        self.samples.append(sample)

    def of(self, case: str, server: str) -> dict:
        """A round's sample by its number."""
        return {one["round"]: one for one in self.samples if (one["case"], one["server"]) == (case, server)}

    def finish(self, cases: list):
        rows = [self.row(case, server) for case in cases for server in case.servers if self.of(case.name, server)]
        if not rows:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = {"environment": self.environment, "rows": rows, "samples": self.samples}
        (self.folder / "results.json").write_text(json.dumps(whole, indent=1) + "\n")
        with open(self.folder / "results.csv", "w", newline="") as out:
            writer = csv.DictWriter(out, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        self.show(cases, rows)

    def row(self, case, server: str) -> dict:
        mine = self.of(case.name, server)
        middle = lambda value: statistics.median(map(value, mine.values()))  # noqa: E731
        row = {
            "case": case.name,
            "server": server,
            "unit": case.unit,
            "rounds": len(mine),
            "per_second": round(middle(lambda one: one["per_second"]), 1),
            "cpu_us": round(1e6 * middle(lambda one: one["cpu"]), 2),
        }
        ratios = self.pairs(mine, self.of(*case.against), lambda one, other: one["cpu"] / other["cpu"])
        row["against"] = "/".join(case.against)
        row["ratio"], row["ratio_least"], row["ratio_most"] = summary(ratios, 3)
        for name in ("p50", "p99", "p999"):
            row[name + "_us"] = round(middle(lambda one: one["times"][name]), 1)
        direct = self.of(case.name, "direct")
        for name in ("p50", "p99"):
            added = self.pairs(mine, direct, lambda one, other: one["times"][name] - other["times"][name])
            row["added_" + name + "_us"] = summary(added, 1)[0]
        row["rss_mb"] = round(max(one["rss"] for one in mine.values()) / 1e6, 1)
        row["core_percent"] = round(100 * middle(lambda one: one["core"]), 1) if case.how == "hold" else None
        row["missed_percent"] = round(100 * middle(lambda one: one["missed"]), 1) if case.how == "hold" else None
        row["heap_mb"] = [round(size / 1e6, 1) for one in mine.values() for size in one.get("heap", [])] or None
        row["client_late_p99_us"] = round(middle(lambda one: one["late"]["p99"]), 1)
        return row

    @staticmethod
    def pairs(mine: dict, others: dict, compared) -> list:
        return [compared(one, others[number]) for number, one in mine.items() if number in others]

    def show(self, cases: list, rows: list):
        print(f"\n{self.environment['java']}, {self.environment['cores']} cores; load while measuring "
              f"{statistics.median(one['load'] for one in self.samples):.1f}")
        for case in cases:
            times = "to the first token" if case.unit == "chunk" else "whole answer"
            print(f"\n{case.name}: {case.title}" + (f"   (target: {case.target})" if case.target else ""))
            print(COLUMNS.format("", case.unit + "s/s", "CPU us", f"x {'/'.join(case.against)}", "p50 us", "p99 us",
                                 "p99.9 us", "added p50 / p99", "RSS MB") + f"   times: {times}")
            for row in rows:
                if row["case"] == case.name:
                    print(line(row))
        print(f"\nCSV and JSON: {self.folder}")


def summary(values: list, digits: int) -> tuple:
    """Median, least and most; nothing where nothing was comparable."""
    if not values:
        return None, None, None
    return tuple(round(value, digits) for value in (statistics.median(values), min(values), max(values)))


def line(row: dict) -> str:
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f} ({row['ratio_least']:.2f}-{row['ratio_most']:.2f})"
    added = "" if row["added_p50_us"] is None else f"{row['added_p50_us']:.0f} / {row['added_p99_us']:.0f}"
    more = f"   {row['core_percent']} % of a core" if row["core_percent"] else ""
    more += f", {row['missed_percent']} % of the chunks were late" if (row["missed_percent"] or 0) >= 1 else ""
    more += f"   heap MB {row['heap_mb']}" if row["heap_mb"] and any(row["heap_mb"]) else ""
    return COLUMNS.format(row["server"], f"{row['per_second']:.0f}", f"{row['cpu_us']:.2f}", ratio, f"{row['p50_us']:.0f}",
                          f"{row['p99_us']:.0f}", f"{row['p999_us']:.0f}", added, f"{row['rss_mb']:.0f}") + more
