"""lm-evaluation-harness before an engine, directly and twice through Refrain: harness.py ENGINE_URL BIN_REFRAIN TOKENIZER

Two small tasks, made on the spot because the harness loads its own from the network: a multiple choice, which needs an
engine with `echo` and `logprobs` (vLLM), and a generation, asked for as completions and as chats. The scores must be equal
in all three runs, and the third must cost no call. TOKENIZER is the folder of the model's tokenizer. Needs PyPI's
`lm-eval[api]` and `transformers`, on whose Python this runs. Ends with status 0 only if every row is as it should be.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from rig import Proxy

FACTS = [
    ("The capital of France is", " Paris", " Berlin"),
    ("Two plus two equals", " four", " seven"),
    ("The sun rises in the", " east", " west"),
    ("Water freezes at zero degrees", " Celsius", " Kelvin"),
    ("A dog is an", " animal", " engine"),
    ("Snow is usually", " white", " purple"),
    ("The opposite of hot is", " cold", " fast"),
    ("Seven days make one", " week", " year"),
]
CHOICE = {
    "output_type": "multiple_choice",
    "doc_to_choice": "{{choices}}",
    "doc_to_target": "label",
    "target_delimiter": "",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
}
GENERATION = {
    "output_type": "generate_until",
    "doc_to_target": "{{choices[0]}}",
    "generation_kwargs": {"until": ["\n"], "max_gen_toks": 24, "do_sample": False, "temperature": 0},
    "metric_list": [{"metric": "bleu", "aggregation": "bleu", "higher_is_better": True}],
}
RUNS = [
    ("choice", "local-completions", "/v1/completions", []),
    ("generation", "local-completions", "/v1/completions", []),
    ("generation", "local-chat-completions", "/v1/chat/completions", ["--apply_chat_template"]),
]


def write_tasks(folder: pathlib.Path):
    rows = [{"question": q, "choices": [right, wrong], "label": 0} for q, right, wrong in FACTS]
    (folder / "facts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, task in (("choice", CHOICE), ("generation", GENERATION)):
        source = {"dataset_path": "json", "dataset_kwargs": {"data_files": {"test": str(folder / "facts.jsonl")}}}
        whole = {"task": name, **source, "test_split": "test", "doc_to_text": "{{question}}", **task}
        # JSON is YAML, too.
        (folder / f"{name}.yaml").write_text(json.dumps(whole))


def scores(folder: pathlib.Path, base: str, task: str, model: str, path: str, more: list, tokenizer: str) -> dict:
    out = folder / "out"
    arguments = {
        "model": "smollm2",
        "base_url": base + path,
        "tokenizer_backend": "huggingface",
        "tokenizer": tokenizer,
        "num_concurrent": 2,
        "max_length": 2048,
    }
    given = ",".join(f"{name}={value}" for name, value in arguments.items())
    command = [sys.executable, "-m", "lm_eval", "run", "--model", model, "--model_args", given, "--tasks", task]
    command += ["--include_path", str(folder), "--batch_size", "4", "--output_path", str(out), *more]
    env = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "OPENAI_API_KEY": "harness"}
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    newest = max(out.rglob("results*.json"), key=lambda file: file.stat().st_mtime)
    found = json.loads(newest.read_text())["results"][task]
    return {name: value for name, value in found.items() if "," in name and "stderr" not in name}


def main(engine: str, launcher: str, tokenizer: str) -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as name, open(os.path.join(name, "refrain.log"), "w") as log:
        folder = pathlib.Path(name)
        write_tasks(folder)
        proxy = Proxy(launcher, engine, log)
        through = proxy.url.removesuffix("/v1")
        try:
            for task, model, path, more in RUNS:
                seen, calls = [], [proxy.calls()]
                for base in (engine, through, through):
                    seen.append(scores(folder, base, task, model, path, more, tokenizer))
                    calls.append(proxy.calls())
                paid = [after - before for before, after in zip(calls[1:], calls[2:])]
                good = seen[0] == seen[1] == seen[2] and seen[0] and paid[0] > 0 and paid[1] == 0
                wrong += not good
                print(f"{task:<11} {model:<23} {json.dumps(seen[0])}  calls {paid[0]}, then {paid[1]}", end="  ")
                print("equal" if good else f"WRONG {seen}", flush=True)
        finally:
            proxy.process.terminate()
            proxy.process.wait(30)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
