"""Records and replays, and prints what was seen: trial.py LAUNCHER WORK"""

import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
KEY = "sk-record-trial-0123456789"
LIMIT_SECONDS = 600
CALLS = 500
ADDED_SECONDS = 0.7
ROUNDS = 3


class Table:
    wrong = 0

    def row(self, what: str, seen: str, right: bool):
        self.wrong += not right
        print(f"{what:<46} {seen:<58} {'ok' if right else 'WRONG'}", flush=True)


class Upstream:
    """The simulated one, or an engine, on a port of its own."""

    def __init__(self, command: list):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.url = re.search(r"http://\S+", line).group(0)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Job:
    """A command that is run alone, recorded and replayed, in a folder of its own."""

    def __init__(self, launcher: str, folder: pathlib.Path, name: str, command: list, **environment):
        self.launcher, self.command = launcher, command
        self.file = folder / f"{name}.jsonl"
        self.report_file = folder / f"{name}.json"
        hidden = ("OPENAI_", "REFRAIN_")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)} | environment

    def run(self, before: list, **more) -> tuple[int, str, str, float]:
        start = time.perf_counter()
        done = subprocess.run(
            [*before, *self.command], env=self.environment | more, capture_output=True, text=True, timeout=LIMIT_SECONDS
        )
        return done.returncode, done.stdout, done.stderr, time.perf_counter() - start

    def alone(self, url: str):
        return self.run([], OPENAI_BASE_URL=url + "/v1", OPENAI_API_KEY=KEY)

    def record(self, url: str, *options: str):
        more = ["--to", self.file, "--upstream", url, "--report", self.report_file, *options, "--"]
        return self.run([self.launcher, "record", *more], OPENAI_API_KEY=KEY)

    def replay(self, *options: str):
        more = ["--from", self.file, "--report", self.report_file, *options, "--"]
        return self.run([self.launcher, "replay", *more])

    def report(self) -> dict:
        return json.loads(self.report_file.read_text())


def lines(output: str) -> list:
    return [json.loads(line) for line in output.splitlines()]


def compare(table: Table, job: Job, client: str, upstream: Upstream):
    status, recorded, errors, _ = job.record(upstream.url)
    if status != 0:
        table.row(f"{client}: record", f"status {status}: {errors.strip()[-200:]}", False)
        return
    first = job.file.read_bytes()
    status, _, _, _ = job.record(upstream.url, "--update")
    report = job.report()
    same = job.file.read_bytes() == first
    seen = f"{report['replayed']} replayed, {report['recorded']} asked, file {'the same' if same else 'another'}"
    table.row(f"{client}: record --update of a whole file", seen, status == 0 and same and report["recorded"] == 0)
    upstream.stop()
    status, replayed, errors, seconds = job.replay()
    again = {one[0]: one for one in lines(replayed)}
    for one in lines(recorded):
        what, code, digest, size, seen = one
        right = again.get(what) == one
        table.row(f"{client}: {what}", f"{code}, {size} bytes, {digest}", right and len(again) == len(lines(recorded)))
    report = job.report()
    seen = f"status {status}, {report['replayed']} of {report['requests']} replayed, {seconds:.1f} s"
    whole = report["replayed"] == report["requests"] and report["unused"] == report["repeated"] == 0
    table.row(f"{client}: replay without a server or a key", seen, status == 0 and whole)
    status, replayed, _, seconds = job.replay("--pace", "recorded")
    table.row(f"{client}: replay at the recorded pace", f"status {status}, {seconds:.1f} s", lines(replayed) == lines(recorded))
    files = [job.file, job.file.with_name(job.file.name + ".times"), job.report_file]
    secret = any(KEY in file.read_text() for file in files)
    table.row(f"{client}: the key in the files", "found" if secret else "not found", not secret)


def differ(table: Table, launcher: str, folder: pathlib.Path, file: pathlib.Path):
    job = Job(launcher, folder, "other", [sys.executable, str(HERE / "calls.py"), "1"])
    job.file = file
    status, _, errors, _ = job.replay()
    missing = job.report()["missing"][0]
    seen = f"status {status}, differs in {', '.join(missing['differs'])}"
    table.row("a request that was not recorded", seen, status == 3 and "prompt[0]" in missing["differs"])


def measure(table: Table, launcher: str, folder: pathlib.Path, upstream: Upstream):
    job = Job(launcher, folder, "calls", [sys.executable, str(HERE / "calls.py"), str(CALLS), "4"])
    job.alone(upstream.url)  # warm
    added = {"record": [], "replay": []}
    for _ in range(ROUNDS):
        alone = job.alone(upstream.url)[3]
        for what, run in (("record", lambda: job.record(upstream.url)), ("replay", job.replay)):
            before = spent()
            seconds = run()[3] - alone
            added[what].append((seconds, spent() - before))
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    for what, rounds in added.items():
        least = min(seconds for seconds, _ in rounds)
        cpu = min(cpu for _, cpu in rounds)
        seen = f"{least:+.2f} s, {cpu:.2f} s of CPU with the job"
        # Where other work waits for the cores too, the clock says nothing of this.
        table.row(f"{what}: added to {CALLS} calls", seen + (", a busy machine" if busy else ""), busy or least <= ADDED_SECONDS)


def spent() -> float:
    """Processor time of all processes that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def wait(table: Table, launcher: str, folder: pathlib.Path):
    upstream = Upstream([launcher, "upstream", "--port", "0", "--delay", "100"])
    job = Job(launcher, folder, "slow", [sys.executable, str(HERE / "calls.py"), "20", "20", "30"])
    status, _, _, recorded = job.record(upstream.url)
    upstream.stop()
    times = [json.loads(line)["millis"][-1] for line in open(f"{job.file}.times").readlines()[1:]]
    seconds = min(job.replay()[3] for _ in range(ROUNDS))
    seen = f"{seconds:.1f} s for {sum(times) / 1000:.0f} s of the model"
    table.row("replay of a slow job", seen, status == 0 and sum(times) >= 60_000 and seconds < 3)


def main(launcher: str, work: str) -> int:
    signal.alarm(LIMIT_SECONDS)
    table = Table()
    simulated = [launcher, "upstream", "--port", "0", "--delay", "2"]
    engine = [os.environ.get("REFRAIN_RECORD_ENGINE"), HERE.parent / "real-model.d" / "engine.py", "0"]
    clients = {"Python": [sys.executable, str(HERE / "job.py")]}
    if os.environ.get("REFRAIN_SDKS_NODE"):
        clients["Node"] = [os.environ["REFRAIN_SDKS_NODE"], str(HERE / "job.mjs")]
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for client, command in clients.items():
            job = Job(launcher, folder, client, command, JOB_FOLDER=work)
            compare(table, job, client, Upstream(simulated))
            if engine[0]:
                real = {"JOB_FOLDER": work, "JOB_MODEL": "smollm2", "JOB_EMBEDDINGS": "no"}
                job = Job(launcher, folder, f"{client}-real", command, **real)
                compare(table, job, f"{client}, llama.cpp", Upstream(list(map(str, engine))))
        differ(table, launcher, folder, folder / "Python.jsonl")
        upstream = Upstream([launcher, "upstream", "--port", "0", "--delay", "0"])
        stack.callback(upstream.stop)
        measure(table, launcher, folder, upstream)
        wait(table, launcher, folder)
    print("all as it should be" if not table.wrong else f"{table.wrong} rows are wrong")
    return 1 if table.wrong else 0


def out_of_time(*_):
    raise SystemExit(f"record: not done within {LIMIT_SECONDS} s")


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, out_of_time)
    sys.exit(main(*sys.argv[1:3]))
