"""What is not Refrain's passes through, and models are listed: the same calls of the SDK, to the engine and through the proxy."""

import openai

from rig import KEY, Table, begin, since

CHAT = {
    "model": "smollm2",
    "messages": [{"role": "user", "content": "Name three colours."}],
    "max_tokens": 24,
    "temperature": 0,
}


def models(client: openai.OpenAI):
    raw = client.models.with_raw_response.list()
    return [model.id for model in raw.parse()], raw.headers


def chat(client: openai.OpenAI):
    raw = client.chat.completions.with_raw_response.create(**CHAT)
    return raw.parse().choices[0].message.content, raw.headers


def chat_stream(client: openai.OpenAI):
    raw = client.chat.completions.with_raw_response.create(**CHAT, stream=True)
    pieces = [part.choices[0].delta.content or "" for part in raw.parse() if part.choices]
    return "".join(pieces), raw.headers


def refused(client: openai.OpenAI):
    """This engine was started without embeddings, and says so."""
    try:
        raw = client.embeddings.with_raw_response.create(model="smollm2", input="hello")
        return "embedded", raw.headers
    except openai.APIStatusError as error:
        return f"{error.status_code} {error.response.text}", error.response.headers


def try_all(table: Table):
    direct, through = (
        openai.OpenAI(base_url=url, api_key=KEY, max_retries=0)
        for url in (table.engine.url + "/v1", table.proxy.url)
    )
    for what, ask, passes in (
        ("models.list", models, False),
        ("chat.completions, plain", chat, True),
        ("chat.completions, stream", chat_stream, True),
        ("embeddings (the engine's refusal)", refused, True),
    ):
        calls = table.proxy.calls()
        start = begin()
        wanted, _ = ask(direct)
        middle = begin()
        said, headers = ask(through)
        times = ((middle - start) * 1000, since(middle))
        via = headers.get("via", "")
        good = said and said == wanted and ("refrain" in via) == passes and table.proxy.calls() == calls
        table.row(f"{'passed' if passes else 'listed'}: {what}", "Python", f"via: {via}", bool(good), times)
