"""What one core of Redis carries: CPU a command, with many of them under way, of the commands Refrain sends.

The scripts are those of Leases.java, to the letter; keys and values are as long as in the counts.
"""

import json
import re
import subprocess

from meter import Redis
from rig import HOME, require
from servers import redis as start

LEASES = HOME / "src" / "main" / "java" / "dev" / "refrain" / "flight" / "fleet" / "Leases.java"
NAME = "refrain:2:{" + "0" * 64 + "}:"
TOKEN = "f" * 32
ENTRY = "x" * 600  # a kept plain answer
ITEM = "x" * 250  # a chunk as it is told
NUMBER = 100_000


def scripts() -> dict:
    """By name, put together as Leases does."""
    source = LEASES.read_text(encoding="utf-8")
    texts = {}
    for name, value in re.findall(r"static final String (\w+) =\s+(.*?);\n\n", source, re.S):
        pieces = re.findall(r'"""\n(.*?)"""|"([^"]*)"|\b([A-Z]+)\b', value, re.S)
        texts[name] = "".join(re.sub(r"(?m)^\s+", "", block) or text or texts[constant] for block, text, constant in pieces)
    return texts


def commands() -> dict:
    known = scripts()
    keys = [NAME + "lease", NAME + TOKEN]
    bounded = "'xadd', KEYS[2], 'MAXLEN', '~', 1000,"
    tell, finish = (known[name].replace("'xadd', KEYS[2],", bounded) for name in ("TELL", "FINISH"))
    return {
        "GETRANGE, an entry": ["GETRANGE", "entry", "0", "4194304"],
        "GETRANGE, nothing": ["GETRANGE", "none", "0", "4194304"],
        "SET, an entry": ["SET", "other", ENTRY, "PX", "86400000"],
        "EVAL, claim of a lease that is held": ["EVAL", known["CLAIM"], "1", keys[0], "other", "5000"],
        "EVAL, telling a whole answer and its end": ["EVAL", finish, "2", *keys, TOKEN, "600000", "600000", "*", ENTRY],
        "EVAL, telling five chunks": ["EVAL", tell, "2", *keys, TOKEN, "600000", "*", 5 * ITEM],
        "EVAL, telling a chunk": ["EVAL", tell, "2", *keys, TOKEN, "600000", "*", ITEM],
        "EVALSHA, the same": ["EVALSHA", "SHA", "2", *keys, TOKEN, "600000", "*", ITEM],
        "XREAD, nothing new": ["XREAD", "COUNT", "64", "STREAMS", keys[1], "999999999999999-0"],
    }


def measure(work, pipeline: int) -> list:
    program = require("redis-benchmark", "Debian's redis-tools")
    server = start(work)
    try:
        own = Redis(server.port)
        own.ask("HSET", NAME + "lease", "holder", TOKEN)
        own.ask("SET", "entry", ENTRY)
        rows = []
        for what, words in commands().items():
            if words[0] == "EVAL":
                sha = own.ask("SCRIPT", "LOAD", words[1])
            words = [sha if word == "SHA" else word for word in words]
            cpu = server.process.cpu()
            run = [program, "-p", str(server.port), "-n", str(NUMBER), "-c", "16", "-P", str(pipeline), "-q", *words]
            subprocess.run(run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
            each = 1e6 * (server.process.cpu() - cpu) / NUMBER
            rows.append({"command": what, "under_way_on_a_connection": pipeline, "cpu": round(each, 2)})
            print(f"{what:<40} {each:6.2f} us of CPU, {pipeline} at once on each of 16 connections", flush=True)
        own.close()
        return rows
    finally:
        server.process.stop()


def main(options, work):
    rows = measure(work, options.pipeline)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
