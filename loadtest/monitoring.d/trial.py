"""Whether what k8s/monitoring asks has an answer."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from rig import SEARCH, SPENT, Process, Prometheus, Table, Traffic, free_port, get, selectors, wait_for

HOME = pathlib.Path(sys.argv[1]).resolve()
HERE = pathlib.Path(__file__).parent
RULES = HOME / "k8s/monitoring/prometheus-rule.yaml"
DASHBOARD = HOME / "k8s/monitoring/refrain.json"
MINUTE = 60


table = Table()


def tool(*command: str, cwd: pathlib.Path) -> tuple[bool, str]:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    said = (done.stdout + done.stderr).strip().splitlines()
    if done.returncode:
        print("\n".join(said))
    return done.returncode == 0, said[-1].strip() if said else ""


def configure(work: pathlib.Path, ports: dict[str, int]):
    (work / "refrain.yaml").write_text(f"""\
server: {{host: 127.0.0.1, port: {ports["api"]}, eventLoops: 2}}
management: {{host: 127.0.0.1, port: {ports["management"]}}}
upstreams:
  - {{name: simulated, url: "http://127.0.0.1:{ports["upstream"]}/v1", models: ["m", "error-*"]}}
  - {{name: unreachable, url: "http://127.0.0.1:1/v1", models: ["gone"]}}
retry: {{budget: {{reserve: 1000}}}}
cache: {{verify: {{share: 0.2}}, redis: {{url: "redis://127.0.0.1:{ports["redis"]}"}}}}
keys:
  - {{name: search, secret: {SEARCH}}}
  - {{name: spent, secret: {SPENT}, requestsPerMinute: 1, budget: {{day: 1000, month: 10000}}}}
metrics: {{currency: EUR, prices: [{{model: "*", prompt: 1.5, completion: 2}}]}}
logging: {{level: error}}
""")
    (work / "prometheus.yml").write_text(f"""\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [refrain-rules.yaml]
scrape_configs:
  - job_name: refrain
    static_configs: [{{targets: ["127.0.0.1:{ports["management"]}"]}}]
""")


def rule_file() -> str:
    """As docs/guide/deploy.md takes it out of the manifest."""
    command = ["sed", "-n", r"/^spec:$/,$s/^  //p", str(RULES)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def judge(work: pathlib.Path, management: int):
    good, said = tool("promtool", "check", "rules", "--lint=all", "--lint-fatal", "refrain-rules.yaml", cwd=work)
    table.row("promtool check rules", good, said)
    good, said = tool("promtool", "check", "config", "prometheus.yml", cwd=work)
    table.row("promtool check config", good, said)
    (work / "alerts.yaml").write_text((HERE / "alerts.yaml").read_text())
    good, said = tool("promtool", "test", "rules", "alerts.yaml", cwd=work)
    table.row("promtool test rules", good, said)
    scrape = get(f"http://127.0.0.1:{management}/metrics")
    done = subprocess.run(["promtool", "check", "metrics"], input=scrape, capture_output=True, text=True)
    # Names that are Micrometer's or Vert.x' own are theirs to choose.
    ours = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("refrain_") and "_max " not in line]
    table.row("promtool check metrics, of Refrain's own", not ours, "; ".join(ours) or "no remark")


def panels(prometheus: Prometheus, seconds: int):
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            asked = target["expr"].replace("$__rate_interval", "30s").replace("$__range", f"{seconds}s")
            wrong, series = prometheus.ask(re.sub(r"\$(job|instance|model|endpoint|key)\b", ".*", asked))
            name = f"{panel['title']} {target['refId']}"
            table.row(f"panel {name}", not wrong and series > 0, wrong or f"{series} series")


def rules(prometheus: Prometheus):
    for rule in prometheus.rules():
        name, asked = rule["name"], rule["query"]
        wrong, series = prometheus.ask(asked)
        wrong = wrong or rule.get("lastError", "")
        if rule["type"] == "recording":
            table.row(f"records {name}", not wrong and series > 0, wrong or f"{series} series")
        else:
            # An alert is empty as long as all is well; what it asks for is not.
            lacking = [each for each in selectors(asked) if "offset" not in asked and prometheus.ask(each)[1] == 0]
            table.row(f"alert {name}", not wrong and not lacking, wrong or ", ".join(lacking) or rule["state"])


def states(prometheus: Prometheus):
    """Of the alerts, those that this traffic must make pending or firing, and those it must not."""
    now = {rule["name"]: rule["state"] for rule in prometheus.rules() if rule["type"] == "alerting"}
    for name in ("RefrainErrorBudgetBurnsFast", "RefrainUpstreamOpen", "RefrainAnswersDrift"):
        table.row(f"{name} hears of the failures", now[name] in ("pending", "firing"), now[name])
    for name in ("RefrainDown", "RefrainNoUpstream", "RefrainRedisErrors", "RefrainConnectionsRejected"):
        table.row(f"{name} has nothing to say", now[name] == "inactive", now[name])


def trial(work: pathlib.Path):
    ports = {name: free_port() for name in ("api", "management", "upstream", "redis", "prometheus")}
    configure(work, ports)
    (work / "refrain-rules.yaml").write_text(rule_file())
    refrain = str(HOME / "bin/refrain")
    listen = f"--web.listen-address=127.0.0.1:{ports['prometheus']}"
    with (
        Process("redis-server", "--port", str(ports["redis"]), "--bind", "127.0.0.1", "--save", "", cwd=work),
        Process(refrain, "upstream", "--port", str(ports["upstream"]), "--delay", "5", "--drift", "45", cwd=work),
        Process(refrain, "serve", "--config", "refrain.yaml", cwd=work),
        Process("prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", listen, cwd=work),
    ):
        ready = f"http://127.0.0.1:{ports['management']}/health/ready"
        wait_for("the upstream", lambda: get(f"http://127.0.0.1:{ports['upstream']}/v1/models"))
        wait_for("the proxy", lambda: get(ready))
        prometheus = Prometheus(ports["prometheus"])
        wait_for("prometheus", lambda: get(prometheus.url + "/-/ready"))
        judge(work, ports["management"])
        began = time.monotonic()
        with Traffic(ports["api"]):
            time.sleep(MINUTE)
            panels(prometheus, int(time.monotonic() - began))
            rules(prometheus)
            wait_for("an open circuit", lambda: prometheus.ask('avg_over_time(refrain_upstream_state{state="open"}[5m]) > 0.5')[1])
            time.sleep(3)
            states(prometheus)


with tempfile.TemporaryDirectory(prefix="refrain-monitoring-") as folder:
    trial(pathlib.Path(folder))
print(f"{table.failed} rows are not as they should be" if table.failed else "all is as it should be")
sys.exit(1 if table.failed else 0)
