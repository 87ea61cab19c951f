"""Requests for many choices: n above 1 and several prompts, before an engine with two slots.

What single calls give is asked of the engine itself, around the proxy; for this engine and model it was the same
whether other slots were at work or not.
"""

import http.client
import json
import pathlib
import signal
import socket
import subprocess
import sys
import time

import openai

from rig import KEY, LONG, USAGE, Answer, Engine, Node, Proxy, Python, Table, begin, call, since, texts

SLOTS = 2
STREAM = {"stream": True}
WITH_USAGE = {"stream": True, "stream_options": USAGE}
FOUR = {
    "Python": ["The river is", "The mountain is", "My brother said", "In the year 1900"],
    "Node": ["The forest is", "The desert is", "My sister said", "In the year 2000"],
}
SIX = ["Rain falls", "Snow is", "The wind blew", "On Monday", "A good teacher", "Bread is made of"]
ASKER = "import openai, sys, json; list(openai.OpenAI(base_url=sys.argv[1], api_key='k').completions.create(**json.loads(sys.argv[2])))"


class Singles:
    """What the engine says to each prompt alone."""

    def __init__(self, engine: Engine, prompts: list, **more):
        direct = Python(engine.url + "/v1")
        self.answers = [direct.ask(call(prompt, **more)) for prompt in prompts]
        self.texts = [answer.text for answer in self.answers]

    def usage(self, name: str) -> int:
        return sum(answer.usage[name] for answer in self.answers)

    def said_by(self, answer: Answer) -> bool:
        counted = answer.usage is None or all(
            answer.usage[name] == self.usage(name)
            for name in ("prompt_tokens", "completion_tokens", "total_tokens")
        )
        return counted and answer.texts == self.texts


def name(client) -> str:
    return type(client).__name__


def try_all(table: Table, clients: list, again):
    for client in clients:
        try_copies(table, client)
        try_samples(table, client)
        try_prompts(table, client)
    try_tokens(table, clients[0])
    try_logprobs(table, clients[0])
    try_crowd(table, clients[-1])
    try_slow_reader(table)
    try_leaving(table, "Python", python_asker(table.proxy.url))
    if len(clients) > 1:
        node = again()
        node.begin(endless())
        try_leaving(table, "Node", node.process)


# --- n ---------------------------------------------------------------------------


def try_copies(table: Table, client):
    """At temperature 0: one call, its choice n times."""
    prompt = f"{name(client)} is"
    single = Singles(table.engine, [prompt]).answers[0]
    one, three = call(prompt), call(prompt, n=3)

    def copies(answer: Answer) -> bool:
        usage = answer.usage
        prompt_tokens, completion = single.usage["prompt_tokens"], 3 * single.usage["completion_tokens"]
        counts = (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"])
        return answer.texts == [single.text] * 3 and counts == (prompt_tokens, completion, prompt_tokens + completion)

    def judge(first, second):
        paid = first.calls == 1 and first.engine == single.usage["completion_tokens"]
        return paid and second.kept and copies(first) and copies(second)

    requests = [three, three | WITH_USAGE]
    what = "n = 3, {} then {}".format(*["plain", "stream"][:: 1 if isinstance(client, Python) else -1])
    table.pair(what, [client], *requests[:: 1 if isinstance(client, Python) else -1], judge)
    table.pair("n = 5, then 1, after n = 3", [client], three | {"n": 5}, one, lambda a, b: (
        a.kept and b.kept and a.texts == [single.text] * 5 and b.texts == [single.text]))


def try_samples(table: Table, client):
    """At temperature 0.8: as many calls as choices, each with a text of its own."""

    def judge(first, second):
        paid = first.calls == second.calls == 3 and "detail=sampled" in second.status
        counted = all(answer.usage["completion_tokens"] == answer.engine for answer in (first, second))
        return paid and counted and len({*first.texts}) == len({*second.texts}) == 3

    warm = call("Once", n=3, temperature=0.8)
    table.pair("n = 3 at 0.8, plain and stream", [client], warm, warm | WITH_USAGE, judge)
    seeded = warm | {"seed": 7}
    table.pair("n = 3 at 0.8 with a seed, plain and stream", [client], seeded, seeded | WITH_USAGE, judge)


# --- Several prompts ---------------------------------------------------------------


def fresh_then_kept(singles: Singles, calls: int):
    def judge(first, second):
        paid = first.calls == calls and first.engine > 0
        return paid and second.kept and singles.said_by(first) and singles.said_by(second)

    return judge


def try_prompts(table: Table, client):
    prompts = FOUR[name(client)]
    singles = Singles(table.engine, prompts)
    four = call(prompts)
    streamed = isinstance(client, Python)
    orders = [four | WITH_USAGE, four][:: 1 if streamed else -1]
    what = "four prompts, stream then plain" if streamed else "four prompts, plain then stream"
    table.pair(what, [client], *orders, fresh_then_kept(singles, 4))

    prompts = [f"{prompt} not" for prompt in prompts]
    singles = Singles(table.engine, prompts)

    def judge(first, second):
        parts = first.text == singles.texts[2] and singles.said_by(second)
        return parts and first.calls == 1 and second.calls == 3

    two_ways = call(prompts) | ({} if streamed else WITH_USAGE)
    table.pair("one alone, then with three others", [client], call(prompts[2]), two_ways, judge)


def try_tokens(table: Table, client):
    prompts = [table.engine.tokens(prompt) for prompt in FOUR["Python"]]
    singles = Singles(table.engine, prompts)
    four = call(prompts)
    table.pair("four token arrays", [client], four | WITH_USAGE, four, fresh_then_kept(singles, 4))


def probabilities(answer: Answer) -> list:
    """Of each choice, the tokens and their logarithmic probabilities, to three places."""
    said = {}
    for part in answer.parts:
        for choice in part.choices:
            tokens = choice.logprobs.content if choice.logprobs else []
            said.setdefault(choice.index, []).extend((token["token"], round(token["logprob"], 3)) for token in tokens)
    return [said[index] for index in sorted(said)]


def try_logprobs(table: Table, client):
    singles = Singles(table.engine, FOUR["Python"], logprobs=2)
    wanted = [probabilities(answer)[0] for answer in singles.answers]
    judge = fresh_then_kept(singles, 4)

    def also(first, second):
        tokens = ["".join(token for token, _ in choice) for choice in probabilities(first)]
        same = probabilities(first) == probabilities(second)
        near = [[token for token, _ in choice] for choice in probabilities(first)] == [
            [token for token, _ in choice] for choice in wanted]
        return judge(first, second) and same and near and tokens == singles.texts

    four = call(FOUR["Python"], logprobs=2)
    table.pair("four prompts with logprobs", [client], four | WITH_USAGE, four, also)


def try_crowd(table: Table, client):
    singles = Singles(table.engine, SIX)
    six = call(SIX)
    judge = fresh_then_kept(singles, 6)
    table.pair("six prompts on two slots, stream", [client], six | WITH_USAGE, six | WITH_USAGE, judge)


def try_slow_reader(table: Table):
    """Six prompts with much to read, for one who takes little at once and stands still for three seconds."""
    singles = Singles(table.engine, SIX, logprobs=5, max_tokens=60)
    request = call(SIX, logprobs=5, max_tokens=60, stream=True)
    generated, calls = table.engine.generated(), table.proxy.calls()
    start = begin()
    answer = stand_still(table.proxy.url, request, 3)
    ms, cost = since(start), (table.proxy.calls() - calls, table.engine.generated() - generated)
    good = answer.texts == singles.texts and cost[0] == 6
    table.row("six prompts, reader stands still for 3 s", "Raw", answer.status, good, [ms], [cost])


def stand_still(url: str, request: dict, seconds: float) -> Answer:
    host, port = url.split("/")[2].split(":")
    connection = http.client.HTTPConnection(host, int(port))
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.sock.connect((host, int(port)))
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/completions", json.dumps(request), headers)
    response = connection.getresponse()
    lines = [response.readline()]
    time.sleep(seconds)
    lines += response.read().split(b"\n")
    events = [json.loads(line[5:]) for line in lines if line.startswith(b"data: {")]
    ended = [line for line in lines if line.strip()][-1].strip() == b"data: [DONE]"
    said = texts((choice["index"], choice["text"]) for event in events for choice in event["choices"])
    return Answer(said if ended else [], None, response.headers["Cache-Status"], 0)


# --- Leaving -------------------------------------------------------------------------


def endless() -> dict:
    return call("Write a very long story.\n\n", n=3, temperature=0.8, max_tokens=LONG, stream=True)


def python_asker(url: str) -> subprocess.Popen:
    command = [sys.executable, "-c", ASKER, url, json.dumps(endless())]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def try_leaving(table: Table, client: str, asker: subprocess.Popen):
    """Three choices on two slots, in the middle of it: both are free, and the third is never begun."""
    table.engine.wait_until_amid(SLOTS, tokens=8, seconds=120)
    waiting = table.engine.deferred()
    asker.send_signal(signal.SIGINT)
    freed = table.engine.wait_for(0, 10)
    asker.wait()
    time.sleep(0.5)
    good = waiting == 1 and freed < 1000 and table.engine.busy() + table.engine.deferred() == 0
    table.row("Ctrl-C in n = 3 (ms to free slots)", client, "", good, [freed])


# --- Undivided ------------------------------------------------------------------------


def try_native(table: Table, launcher: str, work: str, log):
    """What the engine makes of them as they come."""
    settings = pathlib.Path(work) / "native.yaml"
    settings.write_text(json.dumps({"upstreams": [{"url": table.engine.url, "fanout": "native"}]}))
    native = Proxy(launcher, table.engine.url + "/v1", log, REFRAIN_CONFIG=str(settings))
    divided, table.proxy = table.proxy, native
    try:
        try_undivided(table, Python(native.url))
    finally:
        table.proxy = divided
        native.process.terminate()


def try_undivided(table: Table, python: Python):
    def judge(first, second):
        return first.calls == 1 and second.kept and first.texts == second.texts

    two = call("The table is", n=2)
    table.pair("native: n = 2, plain then stream", [python], two, two | STREAM, judge)
    singles = Singles(table.engine, FOUR["Node"])
    four = call(FOUR["Node"])
    table.pair("native: four prompts, plain", [python], four, four, lambda a, b: (
        judge(a, b) and a.texts == singles.texts))
    streams = [call(SIX[:SLOTS], stream=True)] * 2
    table.pair("native: two prompts, stream (never kept)", [python], *streams, lambda a, b: (
        a.calls == b.calls == 1 and a.texts == b.texts))
    start = begin()
    try:
        python.ask(two | {"n": SLOTS + 1})
        said = "200"
    except openai.APIStatusError as refused:
        said = f"{refused.status_code} by the engine"
    table.row("native: n = 3 on two slots", "Python", said, said.startswith("400"), [since(start)])


def try_rest(table: Table):
    gauges = ("refrain_flights", "refrain_upstream_calls_in_flight", "refrain_fanout_waiting")
    left = {gauge: table.proxy.metric(gauge) for gauge in gauges}
    table.row("at rest: flights, calls, parts that wait", "", str([*left.values()]), not any(left.values()))
