"""One workload from one seed: who asks for what, how it is spelled, and when."""

import itertools
import json
import random
from dataclasses import dataclass

from meaning import CHAT, COMPLETIONS, EMBEDDINGS, MODEL, Meaning

PROMPTS = 300
ZIPF = 1.1
BURST = 12  # requests at once, on average
ENDPOINTS = (COMPLETIONS, CHAT, EMBEDDINGS), (0.4, 0.4, 0.2)
INPUTS = 12  # of a request for embeddings, at most


@dataclass(frozen=True)
class Ask:
    """A request as it was meant, beside the bytes that say it."""

    at: float
    meanings: tuple
    n: int
    stream: bool
    leaves: bool
    body: bytes

    @property
    def endpoint(self) -> str:
        return self.meanings[0].endpoint

    @property
    def deterministic(self) -> bool:
        return self.meanings[0].temperature == 0

    def expected(self) -> list:
        """The meaning of each choice, by its index."""
        return [meaning for meaning in self.meanings for _ in range(self.n)]


class Workload:
    def __init__(self, seed: int, requests: int, pause: float, title: str = "Geschichte"):
        """`pause`: seconds from one burst to the next."""
        self.title = title
        self.dice = random.Random(seed)
        weights = [1 / rank**ZIPF for rank in range(1, PROMPTS + 1)]
        self.shares = list(itertools.accumulate(weights))
        self.asks = []
        start = 0.0
        while len(self.asks) < requests:
            self.burst(start, min(requests - len(self.asks), 1 + int(self.dice.expovariate(1 / BURST))))
            start += pause

    def burst(self, at: float, size: int):
        """In half of them, half ask for the same."""
        hot = self.meant() if self.dice.random() < 0.5 else None
        for _ in range(size):
            meant = hot if hot and self.dice.random() < 0.5 else self.meant()
            self.asks.append(self.ask(at + self.dice.random() * 0.02, *meant))

    def meant(self) -> tuple:
        """The meanings of its prompts, and how many choices of each."""
        dice = self.dice
        endpoint = dice.choices(*ENDPOINTS)[0]
        if endpoint == EMBEDDINGS:
            encoding = dice.choice(("float", "float", "base64"))
            count = dice.randint(2, INPUTS) if dice.random() < 0.7 else 1
            return tuple(Meaning(endpoint, self.prompt(), encoding=encoding) for _ in range(count)), 1
        temperature = 0.0 if dice.random() < 0.85 else 0.7
        count = dice.randint(2, 4) if endpoint == COMPLETIONS and dice.random() < 0.2 else 1
        shape = (temperature, dice.choice((32, 64)), dice.choice(((), ("\n",))))
        return tuple(Meaning(endpoint, self.prompt(), *shape) for _ in range(count)), dice.randint(2, 4) if dice.random() < 0.2 else 1

    def prompt(self) -> str:
        number = self.dice.choices(range(PROMPTS), cum_weights=self.shares)[0]
        return f"Erzähle {self.title} {number}: " + " ".join(["was", "geschah", "wem", "und", "warum"][: 1 + number % 5])

    def ask(self, at: float, meanings: tuple, n: int) -> Ask:
        if meanings[0].endpoint == EMBEDDINGS:
            return Ask(at, meanings, n, False, False, self.written(self.inputs(meanings)))
        stream = self.dice.random() < 0.5
        # A sampled call that its caller leaves is lost whatever anybody does, so only the others tell something.
        leaves = meanings[0].temperature == 0 and self.dice.random() < 0.05
        return Ask(at, meanings, n, stream, leaves, self.spelled(meanings, n, stream))

    def spelled(self, meanings: tuple, n: int, stream: bool) -> bytes:
        """The same, in one of the many ways that clients say it."""
        dice, one = self.dice, meanings[0]
        fields = {
            "model": MODEL,
            **self.asked(meanings),
            "max_tokens": dice.choice((one.max_tokens, str(one.max_tokens))),
            "temperature": dice.choice((0, 0.0, "0", "0.0")) if one.temperature == 0 else dice.choice((0.7, "0.7")),
        }
        if one.stop:
            fields["stop"] = dice.choice((one.stop[0], list(one.stop)))
        if n > 1 or dice.random() < 0.3:
            fields["n"] = dice.choice((n, str(n)))
        if stream or dice.random() < 0.3:
            fields["stream"] = dice.choice((stream, str(stream).lower()))
        if dice.random() < 0.5:
            fields["user"] = f"user-{dice.randrange(1000)}"
        if dice.random() < 0.3:
            fields[dice.choice(("logprobs", "logit_bias", "seed"))] = None
        return self.written(fields)

    def asked(self, meanings: tuple) -> dict:
        one = meanings[0]
        if one.endpoint == CHAT:
            message = {"role": "user", "content": one.prompt}
            return {"messages": [message if self.dice.random() < 0.5 else dict(reversed(message.items()))]}
        one_or_list = self.dice.choice((one.prompt, [one.prompt]))
        return {"prompt": [meaning.prompt for meaning in meanings] if len(meanings) > 1 else one_or_list}

    def inputs(self, meanings: tuple) -> dict:
        dice, one = self.dice, meanings[0]
        single = dice.choice((one.prompt, [one.prompt]))
        fields = {"model": MODEL, "input": [meaning.prompt for meaning in meanings] if len(meanings) > 1 else single}
        if one.encoding != "float" or dice.random() < 0.5:
            fields["encoding_format"] = one.encoding
        if dice.random() < 0.5:
            fields["user"] = f"user-{dice.randrange(1000)}"
        return fields

    def written(self, fields: dict) -> bytes:
        dice = self.dice
        names = list(fields)
        dice.shuffle(names)
        layout = dice.choice(({"separators": (",", ":")}, {}, {"indent": 2}))
        fields = {name: fields[name] for name in names}
        return json.dumps(fields, ensure_ascii=dice.random() < 0.5, **layout).encode()


def least(asks: list) -> tuple:
    """The tokens that must be generated, and those that must be read, whoever is asked: each distinct deterministic
    element once, each sampled one once, and the prompt of samples once for all that are drawn in one request."""
    known, generated, read = set(), 0, 0
    for ask in asks:
        for meaning in ask.meanings:
            if not ask.deterministic:
                generated += ask.n * meaning.tokens
                read += meaning.prompt_tokens
            elif meaning not in known:
                known.add(meaning)
                generated += meaning.tokens
                read += meaning.prompt_tokens
    return generated, read
