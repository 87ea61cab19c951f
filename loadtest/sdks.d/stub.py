"""An upstream that answers like OpenAI, and remembers what it was sent. Loopback only; standard library only."""

import array
import base64
import dataclasses
import gzip
import hashlib
import http.server
import json
import re
import threading
import urllib.parse

MODELS = ("stub-1", "ft:stub-1:org::id")
SAID = ("Grö", "ße ", "😀")
ARGUMENTS = '{"city": "Zürich 😀", "days": 3}'
REFUSED = "Refuse."


@dataclasses.dataclass
class Request:
    """A request as it came; the transfer coding of its body is undone."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for other, value in self.headers if other.lower() == name), "")

    def boundary(self) -> str:
        found = re.search(r'^multipart/form-data;.*boundary="?([^";]+)', self.header("content-type"))
        return found.group(1) if found else ""

    def json(self) -> dict:
        return json.loads(self.body)

    def part(self, name: str) -> tuple[str, bytes]:
        """The file name and the bytes of a part (RFC 7578)."""
        for piece in self.body.split(b"--" + self.boundary().encode())[1:-1]:
            head, _, data = piece.partition(b"\r\n\r\n")
            if re.search(rb'\bname="?%s\b' % name.encode(), head):
                file = re.search(rb'filename="([^"]*)"', head)
                return file.group(1).decode() if file else "", data[:-2]
        raise KeyError(f"no part {name}")


class Stub(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.seen: list[Request] = []
        self.files: dict[str, tuple[str, str, bytes]] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def model(name: str) -> dict:
    return {"id": name, "object": "model", "created": 1, "owned_by": "stub", "unknown": {"a": [1.5, None]}}


def chunk(kind: str, choice: dict) -> dict:
    return {"id": "s-1", "object": kind, "created": 1, "model": MODELS[0], "choices": [{"index": 0, **choice}]}


def tool_call(number: int) -> dict:
    return {"id": f"call_{number}", "type": "function", "function": {"name": "weather", "arguments": ARGUMENTS}}


def whole(index: int, tools: bool) -> dict:
    """A choice of a document."""
    said = {"content": None, "tool_calls": [tool_call(0), tool_call(1)]} if tools else {"content": "".join(SAID)}
    message = {"role": "assistant", "refusal": None, **said}
    return {"index": index, "message": message, "finish_reason": "tool_calls" if tools else "stop"}


def pieces(tools: bool) -> list[dict]:
    """The same choice as a stream says it: arguments five characters at a time."""
    deltas = [{"role": "assistant", "content": None if tools else "", "refusal": None}]
    for number in range(2 if tools else 0):
        first = tool_call(number)
        deltas.append({"tool_calls": [{"index": number, **first, "function": {"name": "weather", "arguments": ""}}]})
        for begin in range(0, len(ARGUMENTS), 5):
            fragment = {"arguments": ARGUMENTS[begin : begin + 5]}
            deltas.append({"tool_calls": [{"index": number, "function": fragment}]})
    deltas += [] if tools else [{"content": text} for text in SAID]
    going = [{"delta": delta, "finish_reason": None} for delta in deltas]
    return [*going, {"delta": {}, "finish_reason": "tool_calls" if tools else "stop"}]


def vector(text: str) -> list[float]:
    """Four numbers that single precision holds exactly."""
    return [byte / 8 for byte in digest(text.encode())[:4].encode()]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: Stub

    def log_message(self, *ignored):
        pass

    def handle_any(self):
        request = Request(self.requestline, list(self.headers.items()), self.read_body())
        self.server.seen.append(request)
        path = urllib.parse.unquote(self.path.partition("?")[0]).removeprefix("/v1/")
        for pattern, answer in ROUTES:
            found = re.fullmatch(pattern, f"{self.command} {path}")
            if found:
                return answer(self, request, *found.groups())
        self.missing("path")

    do_GET = do_POST = do_DELETE = handle_any

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = bytearray()
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(body)

    # --- How it answers ---------------------------------------------------------

    def answer(self, status: int, kind: str, body: bytes, **headers):
        if "gzip" in self.headers.get("Accept-Encoding", "") and kind == "application/json":
            body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
        self.send_response_only(status)
        headers = {"Content-Type": kind, "Content-Length": len(body), "x-request-id": "req_1", **headers}
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def json(self, document: dict, status: int = 200):
        self.answer(status, "application/json", json.dumps(document, ensure_ascii=False).encode())

    def missing(self, what: str):
        error = {"message": f"No such {what}", "type": "invalid_request_error", "param": "id", "code": None}
        self.json({"error": error}, 404)

    def stream(self, events: list[dict]):
        self.send_response_only(200)
        for name, value in (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")):
            self.send_header(name, value)
        self.end_headers()
        for data in [json.dumps(event, ensure_ascii=False) for event in events] + ["[DONE]"]:
            text = f"data: {data}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    # --- What it answers --------------------------------------------------------

    def completions(self, request: Request):
        asked = request.json()
        usage = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
        kind, last = "text_completion", {"logprobs": None, "finish_reason": "stop"}
        if not asked.get("stream"):
            return self.json({**chunk(kind, {"text": "".join(SAID), **last}), "usage": usage})
        going = {"logprobs": None, "finish_reason": None}
        events = [chunk(kind, {"text": text, **going}) for text in SAID]
        events.append(chunk(kind, {"text": "", **last}))
        if (asked.get("stream_options") or {}).get("include_usage"):
            events.append({**chunk(kind, {}), "choices": [], "usage": usage})
        self.stream(events)

    def chat(self, request: Request):
        asked = request.json()
        if asked["messages"][-1]["content"] == REFUSED:
            return self.refuse()
        usage = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
        indexes = range(asked.get("n", 1))
        if not asked.get("stream"):
            document = chunk("chat.completion", {})
            document["choices"] = [whole(index, "tools" in asked) for index in indexes]
            return self.json({**document, "usage": usage})
        kind = "chat.completion.chunk"
        events = [chunk(kind, {"index": index, **piece}) for piece in pieces("tools" in asked) for index in indexes]
        if (asked.get("stream_options") or {}).get("include_usage"):
            events.append({**chunk(kind, {}), "choices": [], "usage": usage})
        self.stream(events)

    def refuse(self):
        error = {"message": "No such words", "type": "invalid_request_error", "param": "messages", "code": "words"}
        self.json({"error": error}, 400)

    def embeddings(self, request: Request):
        asked = request.json()
        inputs = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
        data = []
        for index, text in enumerate(inputs):
            numbers = array.array("f", vector(text))
            encoded = asked.get("encoding_format") == "base64"
            embedding = base64.b64encode(numbers.tobytes()).decode() if encoded else numbers.tolist()
            data.insert(0, {"object": "embedding", "index": index, "embedding": embedding})
        usage = {"prompt_tokens": len(inputs), "total_tokens": len(inputs)}
        self.json({"object": "list", "data": data, "model": MODELS[0], "usage": usage})

    def models(self, request: Request):
        self.json({"object": "list", "data": [model(name) for name in MODELS]})

    def one_model(self, request: Request, name: str):
        self.json(model(name)) if name in MODELS else self.missing("model")

    def upload(self, request: Request):
        name, data = request.part("file")
        key = "file-" + digest(data)[:12]
        self.server.files[key] = (name, request.part("purpose")[1].decode(), data)
        self.json(self.file(key))

    def file(self, key: str) -> dict:
        name, purpose, data = self.server.files[key]
        about = {"bytes": len(data), "created_at": 1, "filename": name, "purpose": purpose, "status": "processed"}
        return {"id": key, "object": "file", **about}

    def one_file(self, request: Request, key: str):
        self.json(self.file(key)) if key in self.server.files else self.missing("file")

    def all_files(self, request: Request):
        self.json({"object": "list", "data": [self.file(key) for key in self.server.files], "has_more": False})

    def content(self, request: Request, key: str):
        name, _, data = self.server.files[key]
        self.answer(200, "application/octet-stream", data, **{"Content-Disposition": f'attachment; filename="{name}"'})

    def delete(self, request: Request, key: str):
        self.server.files.pop(key, None)
        self.json({"id": key, "object": "file", "deleted": True})

    def transcribe(self, request: Request):
        name, data = request.part("file")
        language = request.part("language")[1].decode()
        self.json({"text": f"{language} {name} {digest(data)}"})


ROUTES = (
    (r"POST completions", Handler.completions),
    (r"POST chat/completions", Handler.chat),
    (r"POST embeddings", Handler.embeddings),
    (r"GET models", Handler.models),
    (r"GET models/(.+)", Handler.one_model),
    (r"POST files", Handler.upload),
    (r"GET files", Handler.all_files),
    (r"GET files/([^/]+)", Handler.one_file),
    (r"GET files/([^/]+)/content", Handler.content),
    (r"DELETE files/([^/]+)", Handler.delete),
    (r"POST audio/transcriptions", Handler.transcribe),
)
