"""What a request means, and what is said to it: the one place where words are made."""

import hashlib
from typing import NamedTuple, Optional

MODEL = "any"
COMPLETIONS, CHAT, EMBEDDINGS = "/v1/completions", "/v1/chat/completions", "/v1/embeddings"


class Meaning(NamedTuple):
    """All that one choice or vector depends on. At temperature 0 equal meanings get equal text; `encoding` is a vector's."""

    endpoint: str
    prompt: str
    temperature: float = 0
    max_tokens: int = 0
    stop: tuple = ()
    encoding: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()[:16]

    @property
    def tokens(self) -> int:
        """How many tokens are generated for it."""
        return min(self.max_tokens, 6 + int(self.digest, 16) % 19)

    @property
    def prompt_tokens(self) -> int:
        return len(self.prompt.split())

    def vector(self):
        """Of an embedding, as it is encoded: numbers, or a text."""
        numbers = [int(self.digest[at : at + 4], 16) / 65536 for at in range(0, 16, 4)]
        return self.digest if self.encoding == "base64" else numbers

    def words(self, sample: Optional[int]) -> list:
        """Its tokens; a sample is told from all others by its number, a deterministic text has none."""
        first = self.digest if sample is None else f"{self.digest}#{sample}"
        return [first] + [f" w{number}" for number in range(1, self.tokens)]


def meanings_of(endpoint: str, body: dict) -> list:
    """Of every prompt of a request, leniently: numbers may be strings, one may be a list of one."""
    if endpoint == EMBEDDINGS:
        return [Meaning(endpoint, one, encoding=body.get("encoding_format") or "float") for one in several(body["input"])]
    prompts = [body["messages"][0]["content"]] if endpoint == CHAT else several(body["prompt"])
    stop = body.get("stop") or ()
    stop = (stop,) if isinstance(stop, str) else tuple(stop)
    return [Meaning(endpoint, prompt, float(body["temperature"]), int(body["max_tokens"]), stop) for prompt in prompts]


def several(value) -> list:
    return value if isinstance(value, list) else [value]
