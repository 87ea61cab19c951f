"""Processes of one's own, on loopback and free ports, and what they cost."""

import argparse
import contextlib
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
HOME = HERE.parent.parent
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Missing(Exception):
    """A prerequisite is not there; says which, and what was expected."""


def require(program: str, expected: str) -> str:
    """The program's path; also where the PATH of a plain user does not lead."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")
    if not found:
        raise Missing(f"{program}: not found (expected: {expected})")
    return found


def java() -> str:
    home = os.environ.get("JAVA_HOME")
    return str(pathlib.Path(home) / "bin" / "java") if home else "java"


def bounded(kind, least, most):
    """Of a number on the command line."""

    def value(text: str):
        number = kind(text)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text} (expected: {least} to {most})")
        return number

    value.__name__ = "number"
    return value


def raise_open_files(wanted: int) -> int:
    """As many open files as may be, for us and for all that we start."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command(program: str, main):
    """Runs it as one: what is missing is said in a line, with status 2, and a polite kill ends what was started, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except Missing as missing:
        print(f"{program}: {missing}", file=sys.stderr, flush=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


class Process:
    """One of ours, with its children. Ended by its id."""

    def __init__(self, name: str, command: list, log: pathlib.Path, env: dict = None, **more):
        self.name = name
        self.log = log
        self.command = [str(word) for word in command]
        with open(log, "ab") as out:
            self.running = subprocess.Popen(
                self.command, env={**os.environ, **(env or {})}, stdout=more.pop("stdout", out), stderr=out, **more
            )
        self.pid = self.running.pid

    def wait_for(self, url: str, seconds: float = 120):
        """Until it answers there, with whatever status below 500."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.running.poll() is not None:
                break
            with contextlib.suppress(OSError):
                try:
                    return urllib.request.urlopen(url, timeout=5).close()
                except urllib.error.HTTPError as answer:
                    if answer.code < 500:
                        return None
            time.sleep(0.05)
        raise self.not_started()

    def not_started(self) -> SystemExit:
        """With the end of what it said."""
        said = self.log.read_text(errors="replace").splitlines()[-5:]
        return SystemExit("\n".join([f"{self.name}: does not start:", *said]))

    def wait_until_listening(self, port: int, seconds: float = 20):
        end = time.monotonic() + seconds
        while self.running.poll() is None and time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise self.not_started()

    def family(self) -> list:
        """Its id, and those of its children."""
        known = [self.pid]
        for pid in known:
            with contextlib.suppress(OSError):
                for task in os.listdir(f"/proc/{pid}/task"):
                    known += map(int, pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        return known

    def cpu(self) -> float:
        """Seconds of CPU so far, user and system, with children."""
        return sum(map(cpu_of, self.family()))

    def rss(self) -> int:
        """Bytes in memory, with children."""
        return sum(map(rss_of, self.family()))

    def stop(self):
        if self.running.poll() is None:
            self.running.terminate()
            try:
                self.running.wait(20)
            except subprocess.TimeoutExpired:
                self.running.kill()
                self.running.wait()


def fields_of(pid: int) -> list:
    """/proc/PID/stat from its third field on; the name before it may hold anything."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_of(pid: int) -> float:
    try:
        fields = fields_of(pid)
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_of(pid: int) -> int:
    try:
        return int(fields_of(pid)[21]) * PAGE
    except OSError:
        return 0
