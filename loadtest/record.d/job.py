"""The example job: asks by the variables that the SDK reads, and prints a line [what, status, digest, seen] a call.

Each answer is read twice, by equal requests: once as bytes, once as the SDK makes objects of them. So a job has two
samples of each.
"""

import hashlib
import json
import os

import openai

MODEL = os.environ.get("JOB_MODEL", "gpt-3.5-turbo-instruct")
EMBEDDINGS = os.environ.get("JOB_EMBEDDINGS", "yes") == "yes"
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
CHAT = {"messages": [{"role": "user", "content": "What is the weather in Zürich?"}], "tools": TOOLS}


def tell(what: str, status: int, body: bytes, seen):
    print(json.dumps([what, status, hashlib.sha256(body).hexdigest()[:12], len(body), seen]), flush=True)


def whole(what: str, resource, reading, **request):
    try:
        raw = resource.with_raw_response.create(**request)
        tell(what, raw.status_code, raw.content, reading(resource.create(**request)))
    except openai.APIStatusError as refused:
        tell(what, refused.status_code, refused.response.content, refused.message)


def stream(what: str, resource, reading, **request):
    with resource.with_streaming_response.create(stream=True, **request) as raw:
        body = b"".join(raw.iter_bytes())
        status = raw.status_code
    tell(what, status, body, [reading(chunk) for chunk in resource.create(stream=True, **request)])


def main():
    client = openai.OpenAI(max_retries=0, timeout=120)
    prompt = {"model": MODEL, "prompt": "Say this is a test", "max_tokens": 16}

    def text(answer):
        return answer.choices[0].text if answer.choices else None

    whole("completion, plain", client.completions, text, temperature=0, **prompt)
    for sample in range(3):
        whole(f"completion, sample {sample + 1}", client.completions, text, temperature=1, **prompt)
    stream("completion, streamed", client.completions, text, temperature=0, **prompt)
    chat = {"model": MODEL, "max_tokens": 32, "temperature": 0, "stream_options": {"include_usage": True}, **CHAT}
    stream(
        "chat with tools, streamed",
        client.chat.completions,
        lambda chunk: chunk.choices[0].delta.model_dump(exclude_none=True) if chunk.choices else None,
        **chat,
    )
    if EMBEDDINGS:
        whole(
            "embeddings",
            client.embeddings,
            lambda answer: [one.embedding[:3] for one in answer.data],
            model=MODEL,
            input=["a", "b"],
        )
    raw = client.models.with_raw_response.list()
    tell("models", raw.status_code, raw.content, [one.id for one in client.models.list()])
    whole("an error", client.completions, text, **{**prompt, "max_tokens": -7})


if __name__ == "__main__":
    main()
