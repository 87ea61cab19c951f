"""The calls of the Python SDK; each returns what the SDK made of the answer, and the answer's headers."""

import hashlib
import pathlib

import openai


class Python:
    """One client for each base URL."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.clients: dict[str, openai.OpenAI] = {}

    def ask(self, url: str, what: str, argument) -> tuple[object, dict]:
        if url not in self.clients:
            self.clients[url] = openai.OpenAI(base_url=url, api_key="sdks", max_retries=0, timeout=30)
        try:
            return CALLS[what](self.clients[url], argument, self.folder)
        except openai.APIStatusError as refused:
            return [refused.status_code, refused.body["message"]], lower(refused.response.headers)


def lower(headers) -> dict:
    return {name.lower(): value for name, value in headers.items()}


def said(raw, reading) -> tuple[object, dict]:
    return reading(raw.parse()), lower(raw.headers)


def completions(client, more, _):
    raw = client.completions.with_raw_response.create(model="stub-1", prompt="Größe?", **more)
    if more.get("stream"):
        return said(raw, lambda parts: "".join(part.choices[0].text for part in parts if part.choices))
    return said(raw, lambda answer: answer.choices[0].text)


def chat(client, more, _):
    if more.get("stream"):
        return chat_stream(client, {name: value for name, value in more.items() if name != "stream"})
    raw = client.chat.completions.with_raw_response.create(model="stub-1", **more)
    return said(raw, lambda answer: [spoken(choice.message) for choice in answer.choices])


def chat_stream(client, more):
    """By the SDK's own helper, which folds the chunks."""
    with client.chat.completions.stream(model="stub-1", **more) as stream:
        headers = lower(stream._response.headers)  # noqa: SLF001: it has no other way to them
        choices = stream.get_final_completion().choices
    return [spoken(choice.message) for choice in choices], headers


def spoken(message) -> list:
    calls = [[call.id, call.function.name, call.function.arguments] for call in message.tool_calls or []]
    return [message.role, message.content, calls]


def embeddings(client, more, _):
    raw = client.embeddings.with_raw_response.create(model="stub-1", **more)
    return said(raw, lambda answer: [[one.index, one.embedding] for one in answer.data])


def upload(client, name, folder):
    with open(folder / name, "rb") as file:
        return said(client.files.with_raw_response.create(file=file, purpose="batch"), brief)


def transcribe(client, name, folder):
    with open(folder / name, "rb") as file:
        raw = client.audio.transcriptions.with_raw_response.create(file=file, model="whisper-1", language="de")
        return said(raw, lambda answer: answer.text)


def brief(file) -> list:
    return [file.id, file.filename, file.bytes, file.purpose]


def content(client, key, _):
    raw = client.files.with_raw_response.content(key)
    return hashlib.sha256(raw.content).hexdigest(), lower(raw.headers)


CALLS = {
    "completions": completions,
    "models.list": lambda client, _, __: said(
        client.models.with_raw_response.list(), lambda page: [model.id for model in page]
    ),
    "models.retrieve": lambda client, name, _: said(
        client.models.with_raw_response.retrieve(name), lambda model: [model.id, model.unknown]
    ),
    "chat": chat,
    "embeddings": embeddings,
    "files.create": upload,
    "files.retrieve": lambda client, key, _: said(client.files.with_raw_response.retrieve(key), brief),
    "files.list": lambda client, limit, _: said(
        client.files.with_raw_response.list(limit=limit), lambda page: [brief(file) for file in page]
    ),
    "files.content": content,
    "files.delete": lambda client, key, _: said(
        client.files.with_raw_response.delete(key), lambda gone: [gone.id, gone.deleted]
    ),
    "audio.transcriptions": transcribe,
}
