"""Replicas at fixed places behind a balancer that sends to those that are ready."""

import pathlib
import signal
import time

import servers
from rig import Process, free_port, require

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 60  # seconds for anything to happen


class Place:
    """Where a replica can be; who is there now, if anybody."""

    def __init__(self, name: str, work: pathlib.Path, upstream: int, lines):
        """`lines` makes the configuration of a generation."""
        self.name, self.work, self.upstream, self.lines = name, work, upstream, lines
        self.ports = free_port(), free_port()
        self.replica = None
        self.starts = 0

    def start(self, generation: int, door: str):
        """A new replica; returns when it is ready."""
        self.starts += 1
        self.replica = servers.Refrain(
            f"{self.name}{self.starts}", self.work, self.upstream, self.lines(generation), ports=self.ports, door=door,
            flags="-XX:MaxRAM=512m",
        )

    def reload(self, generation: int):
        """Returns when it says that it has done so."""
        before = self.reloads()
        self.replica.configure(self.lines(generation))
        self.replica.process.running.send_signal(signal.SIGHUP)
        until(lambda: self.reloads() > before, f"{self.replica.name}: did not reload; see {self.replica.process.log}")

    def reloads(self) -> float:
        return sum(n for name, n in self.replica.metrics().items() if name.startswith('refrain_config_reloads_total{outcome="applied"'))

    def end(self) -> int:
        """Asks it to end, and waits until it has; its status. The place is free."""
        running = self.replica.process.running
        running.terminate()
        status = running.wait(PATIENCE)
        self.replica = None
        return status

    def stop(self):
        if self.replica:
            self.replica.process.stop()


def until(condition, complaint: str):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"rolling: {complaint}")
        time.sleep(0.1)


def balancer(work: pathlib.Path, places: list) -> servers.Server:
    port = free_port()
    lines = [f"  server {one.name} 127.0.0.1:{one.ports[0]} check port {one.ports[1]}" for one in places]
    config = work / "haproxy.cfg"
    text = (HERE / "haproxy.cfg").read_text()
    config.write_text(text.replace("@port@", str(port)).replace("@replicas@", "\n".join(lines)))
    process = Process("haproxy", [require("haproxy", "Debian's haproxy"), "-db", "-f", config], work / "haproxy.log")
    process.wait_until_listening(port)
    return servers.Server("haproxy", process, port)
