"""The commands of loadtest/scale."""

import argparse
import importlib
import pathlib
import sys
import tempfile

import fleet  # noqa: F401  makes the rig known
from rig import command, raise_open_files


def options():
    parser = argparse.ArgumentParser(prog="loadtest/scale", description="What a fleet asks of Redis.")
    commands = parser.add_subparsers(dest="command", required=True)
    counts = commands.add_parser("counts", help="real replicas: Redis commands and bytes by what happens")
    counts.add_argument("--replicas", type=int, choices=range(1, 5), default=4, help="1 to 4, default 4")
    counts.add_argument("--rounds", type=int, choices=range(5, 1001), metavar="N", default=50, help="of hits and misses, 5 to 1000, default 50")
    simulate = commands.add_parser("simulate", help="a fleet on paper")
    simulate.add_argument("--seed", type=int, default=7)
    validate = commands.add_parser("validate", help="the same traffic on paper and through real replicas")
    validate.add_argument("--seed", type=int, default=7)
    validate.add_argument("--replicas", type=int, choices=range(1, 5), default=3, help="1 to 4, default 3")
    redis = commands.add_parser("redis", help="CPU of Redis by command, with many under way")
    redis.add_argument("--pipeline", type=int, choices=range(1, 65), default=8, metavar="N", help="commands at once on each of 16 connections, 1 to 64, default 8")
    for command in (counts, simulate, validate, redis):
        command.add_argument("--json", type=pathlib.Path, metavar="FILE", help="where to write the figures, too")
    return parser.parse_args()


def main() -> int:
    raise_open_files(65536)
    chosen = options()
    with tempfile.TemporaryDirectory(prefix="refrain-scale-") as name:
        work = pathlib.Path(name)
        work.chmod(0o755)
        importlib.import_module(chosen.command).main(chosen, work)
    return 0


if __name__ == "__main__":
    command("scale", main)
