"""Those who ask: all of a workload, each at its time, on a connection of its own; and what is wrong with what they get."""

import asyncio
import itertools
import json
from collections import Counter

from meaning import EMBEDDINGS

PATIENCE = 60  # seconds for an answer
HEAD = "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n"


class Callers:
    """`ports`: the replicas, asked by turns. `wrong` counts by what is wrong, with the first body as an example."""

    def __init__(self, ports: list, headers: dict):
        self.ports = itertools.cycle(ports)
        self.head = HEAD + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.wrong = Counter()
        self.examples = {}
        self.samples = set()

    async def ask_all(self, asks: list):
        begin = asyncio.get_running_loop().time()
        await asyncio.gather(*(self.ask_at(begin + ask.at, ask) for ask in asks))

    async def ask_at(self, time: float, ask):
        await asyncio.sleep(time - asyncio.get_running_loop().time())
        try:
            if ask.leaves:
                await asyncio.wait_for(self.leave(ask), PATIENCE)
            status, body = await asyncio.wait_for(self.ask(ask), PATIENCE)
            reason = self.difference(ask, body) if status == 200 else f"status {status} {body[:200].decode()}"
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as failure:
            reason = type(failure).__name__
        if reason:
            self.wrong[reason] += 1
            self.examples.setdefault(reason, ask.body.decode())

    async def send(self, ask) -> tuple:
        reader, writer = await asyncio.open_connection("127.0.0.1", next(self.ports), limit=1 << 22)
        writer.write(f"{self.head.format(ask.endpoint)}Content-Length: {len(ask.body)}\r\n\r\n".encode() + ask.body)
        return reader, writer

    async def leave(self, ask):
        """Hears the beginning of a stream, or waits a moment for a document, and goes without a word."""
        reader, writer = await self.send(ask)
        try:
            await asyncio.wait_for(reader.readuntil(b"data: "), None if ask.stream else 0.02)
        except (asyncio.TimeoutError, asyncio.IncompleteReadError):
            pass
        writer.transport.abort()

    async def ask(self, ask) -> tuple:
        reader, writer = await self.send(ask)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            status = int(head.split(b" ", 2)[1])
            body = await reader.read(-1)
            return status, unchunked(body) if b"transfer-encoding: chunked" in head else body
        finally:
            writer.close()

    def difference(self, ask, body: bytes) -> str:
        """What is wrong with an answer; empty if nothing is."""
        if ask.endpoint == EMBEDDINGS:
            vectors = {one["index"]: one["embedding"] for one in json.loads(body)["data"]}
            expected = dict(enumerate(meaning.vector() for meaning in ask.meanings))
            return "" if vectors == expected else "other vectors"
        try:
            said = voices(body, ask.stream)
        except (ValueError, KeyError, TypeError) as error:
            return f"not to be read ({type(error).__name__})"
        expected = ask.expected()
        if sorted(said) != list(range(len(expected))):
            return "another number of choices"
        for index, meaning in enumerate(expected):
            text, reason = said[index]
            if reason != "stop":
                return "without an end"
            sample = int(text.partition("#")[2].partition(" ")[0] or -1)
            if text != "".join(meaning.words(None if ask.deterministic else sample)):
                return "another text"
            if not ask.deterministic and sample in self.samples:
                return "a sample that somebody else got"
            self.samples.add(sample)
        return ""


def voices(body: bytes, stream: bool) -> dict:
    """Text and ending of each choice, by index."""
    said = {}
    for document in documents(body) if stream else [json.loads(body)]:
        for choice in document["choices"]:
            text, reason = said.get(choice["index"], ("", None))
            said[choice["index"]] = (text + text_of(choice), choice["finish_reason"] or reason)
    return said


def text_of(choice: dict) -> str:
    if "text" in choice:
        return choice["text"]
    return choice["message" if "message" in choice else "delta"].get("content") or ""


def documents(body: bytes) -> list:
    events = [part.strip() for part in body.decode().split("\n\n") if part.strip().startswith("data:")]
    if not events or events[-1] != "data: [DONE]":
        raise ValueError("not a whole stream")
    return [json.loads(event[5:]) for event in events[:-1]]


def unchunked(body: bytes) -> bytes:
    parts, at = [], 0
    while True:
        line = body.index(b"\r\n", at)
        size = int(body[at:line].split(b";")[0], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[line + 2 : line + 2 + size])
        at = line + 4 + size
