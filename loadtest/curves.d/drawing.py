"""Draws CSV files as SVG: axes, lines and words. Colours follow the reader's light or dark."""

import csv
import math
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 56, 48
LETTER = 6.2  # how wide one is, about

STYLE = """
    text { font: 12px system-ui, sans-serif; fill: #24292f; }
    .title { font-weight: 600; font-size: 14px; }
    .small { font-size: 11px; }
    .grid { stroke: #24292f; stroke-opacity: .14; }
    .axis { stroke: #24292f; stroke-opacity: .6; }
    .c0 { --c: #0969da; } .c1 { --c: #bc4c00; } .c2 { --c: #1a7f37; } .c3 { --c: #8250df; }
    .line { fill: none; stroke: var(--c); stroke-width: 2; }
    .dot { fill: var(--c); } .span { stroke: var(--c); stroke-opacity: .5; } .name { fill: var(--c); }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } .grid, .axis { stroke: #e6edf3; }
      .c0 { --c: #58a6ff; } .c1 { --c: #f0883e; } .c2 { --c: #3fb950; } .c3 { --c: #bc8cff; }
    }"""


@dataclass(frozen=True)
class Chart:
    """`rows` yields series, x, y, least and most; `linear` says which axes are not logarithmic."""

    name: str
    source: str
    title: str
    x: str
    y: str
    rows: object
    linear: str = ""
    least: float = 0


def measured(rows: list):
    for row in rows:
        yield row["series"], float(row["x"]), float(row["cpu_us"]), float(row["least_us"]), float(row["most_us"])


def followers(column: str):
    def of(rows: list):
        for row in rows:
            words = row["what"].split()
            if words[:2] == ["flight", "followed"]:
                kind = "plain, 1.5 s" if "plain" in row["what"] else "stream of 25 chunks in 1.5 s"
                yield kind, float(words[3]), float(row[column]), None, None

    return of


def fleets(varied: str, columns: dict):
    def of(rows: list):
        for column, name in columns.items():
            for row in rows:
                if row["varied"] == varied:
                    yield name, float(row[varied]), float(row[column]), None, None

    return of


RATIOS = {"l1": "L1: requests", "l2": "L2: look-ups that L1 had not"}
CPU = "CPU µs of the server"

CHARTS = (
    Chart("body", "body", "A longer request body", "bytes of the request body", CPU + " a request", measured),
    Chart("answer", "answer", "A longer answer", "bytes of the answer's text", CPU + " a request", measured),
    Chart("n", "n", "More choices (n), plain", "n", CPU + " a request", measured),
    Chart("chunks", "chunks", "A stream of more chunks, as fast as it goes", "chunks of the stream", CPU + " a stream", measured),
    Chart("streams", "streams", "More streams at once, together 1,000 chunks a second", "streams at once", CPU + " a chunk", measured, "y"),
    Chart("keys", "keys", "More answers kept", "answers kept, each asked for in turn", CPU + " a memory hit", measured, "y"),
    Chart("flights", "counts", "A shared call that more replicas follow", "replicas that follow", "Redis commands a call", followers("commands"), "xy"),
    Chart("fleet-redis", "fleet", "More replicas, 1,000 requests a second each (simulated)", "replicas", "Redis commands a second",
          fleets("replicas", {"redis_commands_per_s": "Redis commands"})),
    Chart("fleet-hits", "fleet", "Hit ratios by the size of the fleet (simulated)", "replicas", "share of hits", fleets("replicas", RATIOS), "y"),
    Chart("fleet-skew", "fleet", "Hit ratios by the skew of the traffic (simulated)", "exponent s of Zipf's law", "share of hits", fleets("exponent", RATIOS), "xy", 0.5),
    Chart("fleet-keys", "fleet", "Hit ratios by the number of keys (simulated)", "keys", "share of hits", fleets("keys", RATIOS), "y"),
)


class Axis:
    """Values to places; logarithmic unless told otherwise."""

    def __init__(self, values: list, begin: float, end: float, linear: bool, least: float):
        self.begin, self.end, self.linear = begin, end, linear
        if linear:
            self.low, top = least, max(values)
            step = 10 ** math.floor(math.log10(max(top - least, 1e-9)))
            step = next(step * part for part in (0.1, 0.2, 0.5, 1, 2) if (top - least) / (step * part) <= 6)
            if all(value == int(value) for value in values):
                step = max(1, step)
            self.high = least + math.ceil((top - least) / step - 1e-9) * step
            self.ticks = [least + step * number for number in range(round((self.high - least) / step) + 1)]
        else:
            self.low, self.high = math.log10(min(values)), math.log10(max(values))
            room = 0.04 * (self.high - self.low)
            self.low, self.high = self.low - room, self.high + room
            whole = range(math.floor(self.low), math.ceil(self.high) + 1)
            parts = (1,) if self.high - self.low > 2.7 else (1, 2, 5)
            ticks = [part * 10.0**power for power in whole for part in parts]
            self.ticks = [tick for tick in ticks if self.low <= math.log10(tick) <= self.high]

    def __call__(self, value: float) -> float:
        at = value if self.linear else math.log10(value)
        return round(self.begin + (at - self.low) / (self.high - self.low) * (self.end - self.begin), 1)


def number(value: float) -> str:
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:.3g}"


def svg(chart: Chart, rows: list) -> str:
    series = {}
    for name, x, y, least, most in chart.rows(rows):
        series.setdefault(name, []).append((x, y, least or y, most or y))
    points = [point for line in series.values() for point in line]
    across = Axis([point[0] for point in points], LEFT, WIDTH - RIGHT, "x" in chart.linear, chart.least)
    up = Axis([value for point in points for value in point[1:]], HEIGHT - BOTTOM, TOP, "y" in chart.linear, 0)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">',
        f'  <title id="t">{escape(chart.title)}</title>',
        f'  <desc id="d">{escape(described(chart, series))}</desc>',
        f"  <style>{STYLE}\n  </style>",
        f'  <text class="title" x="{LEFT}" y="20">{escape(chart.title)}</text>',
    ]
    for tick in across.ticks:
        out.append(f'  <line class="grid" x1="{across(tick)}" y1="{TOP}" x2="{across(tick)}" y2="{HEIGHT - BOTTOM}"/>')
        out.append(f'  <text class="small" text-anchor="middle" x="{across(tick)}" y="{HEIGHT - BOTTOM + 17}">{number(tick)}</text>')
    for tick in up.ticks:
        out.append(f'  <line class="grid" x1="{LEFT}" y1="{up(tick)}" x2="{WIDTH - RIGHT}" y2="{up(tick)}"/>')
        out.append(f'  <text class="small" text-anchor="end" x="{LEFT - 7}" y="{up(tick) + 4}">{number(tick)}</text>')
    out.append(f'  <path class="axis" fill="none" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    out.append(f'  <text text-anchor="end" x="{WIDTH - RIGHT}" y="{HEIGHT - 10}">{escape(chart.x)}</text>')
    out.append(f'  <text class="small" x="{LEFT}" y="{TOP - 8}">{escape(chart.y)}</text>')
    for index, (name, line) in enumerate(series.items()):
        out.append(f'  <g class="c{index}">')
        path = "L".join(f"{across(x)} {up(y)}" for x, y, _, _ in line)
        out.append(f'    <path class="line" d="M{path}"/>')
        for x, y, least, most in line:
            if most > least:
                out.append(f'    <line class="span" x1="{across(x)}" y1="{up(least)}" x2="{across(x)}" y2="{up(most)}"/>')
            out.append(f'    <circle class="dot" cx="{across(x)}" cy="{up(y)}" r="3"/>')
        if len(series) > 1:
            after = sum(LETTER * len(other) + 20 for other in list(series)[index + 1:])
            out.append(f'    <text class="name" text-anchor="end" x="{WIDTH - RIGHT - after:.0f}" y="{TOP - 8}">{escape(name)}</text>')
        out.append("  </g>")
    return "\n".join([*out, "</svg>", ""])


def described(chart: Chart, series: dict) -> str:
    """For those who do not see it: each line's two ends."""
    ends = [f"{name}: {number(line[0][1])} at {number(line[0][0])}, {number(line[-1][1])} at {number(line[-1][0])}"
            for name, line in series.items()]
    return f"{chart.y} by {chart.x}. " + "; ".join(ends) + "."


def draw(folder):
    """Every chart whose figures are there."""
    for chart in CHARTS:
        source = folder / f"{chart.source}.csv"
        if source.exists():
            with open(source, newline="", encoding="utf-8") as lines:
                (folder / f"{chart.name}.svg").write_text(svg(chart, list(csv.DictReader(lines))), encoding="utf-8")
