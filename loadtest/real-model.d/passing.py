"""What is not Refrain's passes through, and models are listed: the same calls of the SDK, to the engine and through the proxy."""

import openai

from rig import KEY, Table, begin, since

QUESTION = {"model": "smollm2", "max_output_tokens": 24, "temperature": 0}


def models(client: openai.OpenAI):
    raw = client.models.with_raw_response.list()
    return [model.id for model in raw.parse()], raw.headers


def responses(client: openai.OpenAI):
    raw = client.responses.with_raw_response.create(input="Name three colours.", **QUESTION)
    return raw.parse().output_text, raw.headers


def responses_stream(client: openai.OpenAI):
    raw = client.responses.with_raw_response.create(input="Name three colours.", stream=True, **QUESTION)
    pieces = [event.delta for event in raw.parse() if event.type == "response.output_text.delta"]
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
    for what, ask, via, calls in (
        ("listed: models.list", models, "", 0),
        ("passed: responses, plain", responses, "1.1 refrain", 0),
        ("passed: responses, stream", responses_stream, "1.1 refrain", 0),
        ("refused: embeddings, by the engine", refused, "", 1),
    ):
        before = table.proxy.calls()
        start = begin()
        wanted, _ = ask(direct)
        middle = begin()
        said, headers = ask(through)
        times = ((middle - start) * 1000, since(middle))
        seen = headers.get("via", "")
        good = said and said == wanted and seen == via and table.proxy.calls() - before == calls
        table.row(what, "Python", f"via: {seen}", bool(good), times)
