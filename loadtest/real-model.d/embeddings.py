"""Embeddings: each input is looked up alone, and what is missing goes to the engine in one call.

A vector is compared with the one that the engine gives around the proxy, in a call for the same inputs: with this
engine a vector depends on what else is in the call.
"""

import array
import base64
import random

import openai

from rig import KEY, Answer, Engine, Proxy, Table, begin, since

FLOATS = {"encoding_format": "float"}


def vector(embedding) -> list[float]:
    if isinstance(embedding, str):
        return array.array("f", base64.b64decode(embedding)).tolist()
    return embedding


def near(one: list[list[float]], other: list[list[float]]) -> bool:
    pairs = [(a, b) for first, second in zip(one, other) for a, b in zip(first, second, strict=True)]
    return len(one) == len(other) > 0 < len(pairs) and all(abs(a - b) < 1e-3 for a, b in pairs)


def asking(text, **more) -> dict:
    return {"model": "smollm2", "input": text, **more}


class Python:
    """The official SDK. Without a format it asks for base64, and hands on numbers."""

    def __init__(self, url: str):
        self.client = openai.OpenAI(base_url=url, api_key=KEY, max_retries=0)

    def ask(self, request: dict) -> Answer:
        start = begin()
        raw = self.client.embeddings.with_raw_response.create(**request)
        answer = raw.parse()
        indexes = [one.index for one in answer.data]
        if indexes != list(range(len(indexes))):
            raise AssertionError(f"indexes in the order {indexes}")
        vectors = [vector(one.embedding) for one in answer.data]
        status = raw.headers.get("cache-status", "")
        return Answer([], answer.usage.model_dump(), status, since(start), parts=vectors)


class Trial:
    def __init__(self, table: Table):
        self.table = table
        self.direct, self.through = (Python(url) for url in (table.engine.url + "/v1", table.proxy.url))

    def around(self, batches: list[list]) -> dict[str, list[float]]:
        """The vector of each input, where each batch is one call to the engine."""
        vectors = {}
        for batch in batches:
            answer = self.direct.ask(asking(batch, **FLOATS))
            vectors |= {str(one): part for one, part in zip(batch, answer.parts, strict=True)}
        return vectors

    def tokens(self, inputs: list) -> int:
        return sum(len(one) if isinstance(one, list) else len(self.table.engine.tokens(one)) for one in inputs)

    def twice(self, what: str, one: dict, two: dict, batches: list[list], calls=(1, 0), detail="hit"):
        """Two requests, and the batches that they and those before them are to have sent."""
        vectors = self.around(batches)
        inputs = two["input"]
        if isinstance(inputs, str) or isinstance(inputs[0], int):
            inputs = [inputs]

        def judge(first, second):
            paid = (first.calls, second.calls) == calls and detail in second.status
            counted = second.usage["prompt_tokens"] == self.tokens(inputs)
            return paid and counted and near(second.parts, [vectors[str(one)] for one in inputs])

        self.table.pair(what, [self.through], one, two, judge)

    def refused(self, what: str, request: dict):
        said = []
        for client in (self.direct, self.through):
            try:
                client.ask(request)
                said.append("200")
            except openai.APIStatusError as error:
                said.append(str(error.status_code))
        self.table.row(what, "Python", "directly, through: " + ", ".join(said), said[0] == said[1])


def try_all(table: Table):
    trial = Trial(table)
    cat, *others = three = ["The cat sleeps.", "A dog barks.", "Rain falls."]
    one = asking(cat)
    trial.twice("embeddings, a text", one | FLOATS, one | FLOATS, [[cat]])
    trial.twice("embeddings, base64 after floats", one, one, [[cat]])
    trial.twice("embeddings, the text in an array", one, asking([cat]), [[cat]], calls=(0, 0))
    trial.twice("embeddings, one of three known", one, asking(three), [[cat], others], (0, 1), '"1 of 3 kept"')
    cat, *others = three = [table.engine.tokens(text) for text in three]
    trial.twice("embeddings, an array of tokens", asking(cat), asking(cat), [[cat]])
    trial.twice("embeddings, arrays of tokens", asking(others), asking(three), [[cat], others])
    try_many(trial)
    trial.refused("embeddings, an empty array", asking([]))
    trial.refused("embeddings, an empty text", asking(""))
    trial.refused("embeddings, too long a text", asking("word " * 3000))


def try_many(trial: Trial):
    texts = [f"Sentence {number}." for number in range(64)]
    sent = [texts[:60], texts[60:]]
    trial.twice("embeddings, 64 with 60 known", asking(sent[0]), asking(texts), sent, (1, 1), '"60 of 64 kept"')
    mixed = random.Random(1).sample(texts, 64)
    trial.twice("embeddings, 64 in another order", asking(texts), asking(mixed), sent, calls=(0, 0))
    four = [f"Line {number}." for number in range(4)]
    trial.twice("embeddings, 16 with 4 different", asking(four * 4), asking(four * 4), [four])


def try_apart(launcher: str, log) -> int:
    """With an engine of its own, which answers embeddings alone; returns how many rows are wrong."""
    engine = Engine("embeddings")
    try:
        proxy = Proxy(launcher, engine.url + "/v1", log)
        try:
            table = Table(engine, proxy, titled=False)
            try_all(table)
            return table.wrong
        finally:
            proxy.process.terminate()
    finally:
        engine.process.kill()
