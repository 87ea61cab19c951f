"""What a request means, and what is said to it: the one place where words are made."""

import hashlib
from typing import NamedTuple, Optional

MODEL = "any"


class Meaning(NamedTuple):
    """All that the text of one choice depends on. At temperature 0 equal meanings get equal text."""

    prompt: str
    temperature: float
    max_tokens: int
    stop: tuple

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

    def words(self, sample: Optional[int]) -> list:
        """Its tokens; a sample is told from all others by its number, a deterministic text has none."""
        first = self.digest if sample is None else f"{self.digest}#{sample}"
        return [first] + [f" w{number}" for number in range(1, self.tokens)]


def meanings_of(body: dict) -> list:
    """Of every prompt of a request, leniently: numbers may be strings, one may be a list of one."""
    prompts = body["prompt"] if isinstance(body["prompt"], list) else [body["prompt"]]
    stop = body.get("stop") or ()
    stop = (stop,) if isinstance(stop, str) else tuple(stop)
    return [Meaning(prompt, float(body["temperature"]), int(body["max_tokens"]), stop) for prompt in prompts]
