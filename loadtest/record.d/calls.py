"""A job of many small calls, by the standard library alone: calls.py COUNT [AT_ONCE [TOKENS]]"""

import concurrent.futures
import http.client
import json
import os
import sys
import threading
import urllib.parse

URL = urllib.parse.urlsplit(os.environ["OPENAI_BASE_URL"])
HERE = threading.local()


def ask(number: int, tokens: int) -> int:
    if not hasattr(HERE, "connection"):
        HERE.connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=60)
    body = {"model": "m", "prompt": f"Number {number}", "max_tokens": tokens, "temperature": 0, "stream": tokens > 1}
    headers = {"Content-Type": "application/json", "Authorization": "Bearer calls"}
    HERE.connection.request("POST", URL.path + "/completions", json.dumps(body), headers)
    response = HERE.connection.getresponse()
    response.read()
    return response.status


def main(count: int, at_once: int = 1, tokens: int = 1) -> int:
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        wrong = [status for status in pool.map(lambda number: ask(number, tokens), range(count)) if status != 200]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
