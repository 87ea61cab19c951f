"""The upstream: says what a request means, at a pace, and keeps account of what it was made to generate."""

import asyncio
import itertools
import json

from meaning import CHAT, COMPLETIONS, EMBEDDINGS, MODEL, meanings_of

PACE = 0.004  # seconds a token
ENDINGS = {True: "stop", False: None}


class Choice:
    def __init__(self, endpoint: str, index: int, words: list):
        self.endpoint = endpoint
        self.index = index
        self.words = words

    def chunk(self, number: int) -> dict:
        return self.document("delta", self.words[number], ENDINGS[number == len(self.words) - 1])

    def whole(self) -> dict:
        return self.document("message", "".join(self.words), "stop")

    def document(self, member: str, text: str, reason) -> dict:
        said = {member: {"role": "assistant", "content": text}} if self.endpoint == CHAT else {"text": text}
        return {**said, "index": self.index, "logprobs": None, "finish_reason": reason}


class Stub:
    """`generated`, `read`: tokens of completions and of prompts; `cut`: those generated for callers who left."""

    def __init__(self):
        self.forget()
        self.samples = itertools.count()
        self.server = None

    def forget(self):
        """Begins the account anew."""
        self.calls = self.generated = self.read = self.cut = 0

    async def start(self) -> int:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 20, backlog=4096)
        return self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        try:
            more = True
            while more:
                path, body, more = await request(reader)
                await self.answer(path, json.loads(body) if body else {}, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def answer(self, path: str, body: dict, reader, writer):
        if path == EMBEDDINGS:
            return await self.embed(meanings_of(path, body), writer)
        if path not in (COMPLETIONS, CHAT):
            writer.write(plain({"object": "list", "data": [{"id": MODEL, "object": "model"}]}))
            return await writer.drain()
        self.calls += 1
        meanings, n = meanings_of(path, body), int(body.get("n") or 1)
        sampled = meanings[0].temperature > 0
        voices = [one for one in meanings for _ in range(n)]
        choices = [Choice(path, at, one.words(next(self.samples) if sampled else None)) for at, one in enumerate(voices)]
        self.read += sum(one.prompt_tokens for one in meanings)
        usage = {"prompt_tokens": sum(one.prompt_tokens for one in meanings)}
        usage["completion_tokens"] = sum(len(choice.words) for choice in choices)
        usage["total_tokens"] = sum(usage.values())
        stream = str(body.get("stream")).lower() == "true"
        mine = 0
        if stream:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(max(len(choice.words) for choice in choices)):
            await asyncio.sleep(PACE)
            if reader.at_eof() or writer.is_closing():
                self.cut += mine
                raise ConnectionError
            saying = [choice for choice in choices if number < len(choice.words)]
            self.generated += len(saying)
            mine += len(saying)
            if stream:
                writer.write(b"".join(event(document(path, [choice.chunk(number)], "chunk")) for choice in saying))
        if not stream:
            writer.write(plain({**document(path, [choice.whole() for choice in choices]), "usage": usage}))
        else:
            options = body.get("stream_options") or {}
            last = event({**document(path, [], "chunk"), "usage": usage}) if options.get("include_usage") else b""
            writer.write(last + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        await writer.drain()


    async def embed(self, meanings: list, writer):
        self.calls += 1
        await asyncio.sleep(PACE)
        read = sum(one.prompt_tokens for one in meanings)
        self.read += read
        data = [{"object": "embedding", "index": at, "embedding": one.vector()} for at, one in enumerate(meanings)]
        usage = {"prompt_tokens": read, "total_tokens": read}
        # The last first, as some servers answer.
        writer.write(plain({"object": "list", "data": data[::-1], "model": MODEL, "usage": usage}))
        await writer.drain()


async def request(reader) -> tuple:
    """Path and body of the next request, and whether there may be one after it."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    fields = dict(line.split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    body = await reader.readexactly(int(fields.get(b"content-length", 0)))
    return head.split(b" ", 2)[1].decode(), body, fields.get(b"connection", b"").strip() != b"close"


def document(endpoint: str, choices: list, kind: str = "") -> dict:
    name = "chat.completion" + "." * bool(kind) + kind if endpoint == CHAT else "text_completion"
    return {"id": "cmpl-stub", "object": name, "created": 1700000000, "model": MODEL, "choices": choices}


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(value: dict) -> bytes:
    return chunk(b"data: " + json.dumps(value).encode() + b"\n\n")


def plain(value: dict) -> bytes:
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
