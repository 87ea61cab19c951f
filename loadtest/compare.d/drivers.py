"""Who asks: wrk for as much as a server can, the open-model client for how long it takes."""

import json
import pathlib
import subprocess

from rig import HERE, HOME, Missing, Process, require

NUMBERS = 100_000_000_000  # where the numbers in bodies begin: all of one length
BUILD = ["mvn", "-B", "-q", "-Dstyle.color=never", "-f", HOME / "loadtest" / "pom.xml", "-pl", "client", "process-classes"]


class Wrk:
    """A closed loop: as many requests as the server answers."""

    def __init__(self):
        self.program = require("wrk", "Debian's wrk")

    def drive(self, server, body: str, first: int, distinct: int, seconds: float, connections: int, path: str = "/v1/completions") -> dict:
        command = [self.program, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
        command += ["-s", str(HERE / "post.lua"), server.url(path), "--", body, str(NUMBERS + first), str(distinct)]
        command += [word for header in server.headers.items() for word in header]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, timeout=seconds + 60).stdout
        result = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
        wrong = {name: result[name] for name in ("status", "connect", "read", "write", "timeout") if result[name]}
        if wrong:
            raise SystemExit(f"compare: {server.name}: wrk counted {wrong}")
        return result


class Client:
    """An open loop: requests begin when it is time, however the server does. One process for all rounds."""

    def __init__(self, java: str, work: pathlib.Path, name: str = "client"):
        require("mvn", "Maven 3.8 or later, to build the client")
        subprocess.run(BUILD, check=True, stdout=subprocess.DEVNULL)
        target = HOME / "target" / "loadtest-client"
        path = f"{target / 'classes'}:{(target / 'classpath').read_text().strip()}"
        command = [java, "-Xmx1g", "-Xms1g", "-XX:+UseSerialGC", "-cp", path, "dev.refrain.loadtest.client.Main"]
        self.process = Process(
            name, command, work / f"{name}.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def drive(self, server, body: str, measuring=lambda: None, measured=lambda: None, **order) -> dict:
        """Calls back at both ends of what is counted. Nothing may fail."""
        news = self.run(server, body, measuring, measured, **order)
        if news["failed"] or news.get("unanswered"):
            raise SystemExit(f"{server.name}: {news['failures']}, unanswered: {news.get('unanswered', 0)}")
        return news

    def run(self, server, body: str, measuring=lambda: None, measured=lambda: None, first: int = 0, **order) -> dict:
        """The same, whatever became of the requests."""
        self.tell({"port": server.port, "body": body, "headers": server.headers, "first": NUMBERS + first, **order})
        for line in self.process.running.stdout:
            news = json.loads(line)
            if news["event"] == "measuring":
                measuring()
            elif news["event"] == "measured":
                measured()
            else:
                return news
        raise Missing(f"{self.process.name}: ended early; see {self.process.log}")

    def end(self):
        """Before its time: nothing more is begun."""
        self.tell({"event": "end"})

    def tell(self, order: dict):
        pipe = self.process.running.stdin
        pipe.write(json.dumps(order) + "\n")
        pipe.flush()
