"""Requests for many choices: n above 1 and several prompts, before an engine with two slots.

What single calls give is asked of the engine itself, around the proxy. With this engine and model it was the
same whether other slots were at work or not.
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
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
STREAM = {"stream": True}
WITH_USAGE = {"stream": True, "stream_options": USAGE}
FOUR = {
    "Python": ["The river is", "The mountain is", "My brother said", "In the year 1900"],
    "Node": ["The forest is", "The desert is", "My sister said", "In the year 2000"],
}
SIX = ["Rain falls", "Snow is", "The wind blew", "On Monday", "A good teacher", "Bread is made of"]
ASKER = """
import json, openai, sys
client = openai.OpenAI(base_url=sys.argv[1], api_key="real-model")
list(client.completions.create(**json.loads(sys.argv[2]), extra_body={"ignore_eos": True}))
"""


class Singles:
    """What the engine says to each prompt alone."""

    def __init__(self, engine: Engine, prompts: list, **more):
        direct = Python(engine.url + "/v1")
        self.answers = [direct.ask(call(prompt, **more)) for prompt in prompts]
        self.texts = [answer.text for answer in self.answers]

    def said_by(self, answer: Answer) -> bool:
        counts = {name: sum(one.usage[name] for one in self.answers) for name in COUNTS}
        return answer.texts == self.texts and counts.items() <= answer.usage.items()


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
        node.begin(endless() | {"ignore_eos": True})
        try_leaving(table, "Node", node.process)


# --- n ---------------------------------------------------------------------------


def try_copies(table: Table, client):
    """At temperature 0: one call, its choice n times; the prompt is counted once."""
    prompt = f"{name(client)} is"
    single = Singles(table.engine, [prompt]).answers[0]
    asked, said = single.usage["prompt_tokens"], 3 * single.usage["completion_tokens"]
    one, three = call(prompt), call(prompt, n=3)

    def copies(answer: Answer) -> bool:
        counts = [answer.usage[name] for name in COUNTS]
        return answer.texts == [single.text] * 3 and counts == [asked, said, asked + said]

    def judge(first, second):
        paid = first.calls == 1 and first.engine == single.usage["completion_tokens"]
        return paid and second.kept and copies(first) and copies(second)

    def kept(first, second):
        return first.kept and second.kept and first.texts == [single.text] * 5 and second.texts == [single.text]

    if isinstance(client, Python):
        table.pair("n = 3, plain then stream", [client], three, three | WITH_USAGE, judge)
    else:
        table.pair("n = 3, stream then plain", [client], three | WITH_USAGE, three, judge)
    table.pair("n = 5, then 1, after n = 3", [client], three | {"n": 5}, one, kept)


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
    """Of each choice, the tokens and their logarithmic probabilities."""
    said = {}
    for choice in (choice for part in answer.parts for choice in part.choices):
        tokens = choice.logprobs.content if choice.logprobs else []
        pairs = [(token["token"], token["logprob"]) for token in tokens]
        said.setdefault(choice.index, []).extend(pairs)
    return [said[index] for index in sorted(said)]


def try_logprobs(table: Table, client):
    """The numbers differ in their last places with what else the engine is at; tokens and copies do not."""
    singles = Singles(table.engine, FOUR["Python"], logprobs=2)
    said_and_kept = fresh_then_kept(singles, 4)

    def judge(first, second):
        tokens = ["".join(token for token, _ in choice) for choice in probabilities(first)]
        same = probabilities(first) == probabilities(second)
        return said_and_kept(first, second) and same and tokens == singles.texts

    four = call(FOUR["Python"], logprobs=2)
    table.pair("four prompts with logprobs", [client], four | WITH_USAGE, four, judge)


def try_crowd(table: Table, client):
    singles = Singles(table.engine, SIX)
    six = call(SIX)
    judge = fresh_then_kept(singles, 6)
    table.pair("six prompts on two slots, stream", [client], six | WITH_USAGE, six | WITH_USAGE, judge)


def try_slow_reader(table: Table):
    """Six prompts with 27 kB an event, for one with a small buffer who stands still for five seconds."""
    singles = Singles(table.engine, SIX, max_tokens=40)
    request = call(SIX, max_tokens=40, stream=True, n_probs=300)
    generated, calls = table.engine.generated(), table.proxy.calls()
    start = begin()
    answer, size = stand_still(table.proxy.url, request, 5)
    ms, cost = since(start), (table.proxy.calls() - calls, table.engine.generated() - generated)
    good = answer.texts == singles.texts and cost[0] == 6
    what = f"six prompts, {size >> 20} MiB, reader stands still"
    table.row(what, "Raw", answer.status, good and size > 1 << 22, [ms], [cost])


def stand_still(url: str, request: dict, seconds: float) -> tuple[Answer, int]:
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
    answer = Answer(said if ended else [], None, response.headers["Cache-Status"], 0)
    return answer, sum(map(len, lines))


# --- Leaving -------------------------------------------------------------------------


def endless() -> dict:
    return call("Write a very long story.\n\n", n=3, temperature=0.8, max_tokens=LONG, stream=True)


def python_asker(url: str) -> subprocess.Popen:
    command = [sys.executable, "-c", ASKER, url, json.dumps(endless())]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def try_leaving(table: Table, client: str, asker: subprocess.Popen):
    """Three choices on two slots, in the middle of it: both are free, and the third is never begun."""
    table.engine.wait_until_amid(asker, SLOTS, tokens=8)
    waiting = table.engine.deferred()
    start = begin()
    asker.send_signal(signal.SIGINT)
    asker.wait()
    gone = since(start)
    freed = gone + table.engine.wait_for(0, 10)
    time.sleep(0.5)
    good = waiting == 1 and freed - gone < 1000 and table.engine.busy() + table.engine.deferred() == 0
    table.row("Ctrl-C in n = 3 (ms to its end, free slots)", client, "", good, [gone, freed])


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

    def paid(first, second):
        return first.calls == second.calls == 1 and first.texts == second.texts

    two = call("The table is", n=2)
    table.pair("native: n = 2, plain then stream", [python], two, two | STREAM, judge)
    four = call(FOUR["Node"])
    table.pair("native: four prompts, plain", [python], four, four, judge)
    streamed = call(SIX[:SLOTS], stream=True)
    table.pair("native: two prompts, stream (never kept)", [python], streamed, streamed, paid)
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
