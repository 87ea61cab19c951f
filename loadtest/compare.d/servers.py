"""The servers that are compared: each started with its own configuration, before the same upstream."""

import os
import pathlib
import re
import subprocess
import urllib.request

from rig import HERE, HOME, Missing, Process, free_port, raise_open_files, require

MODULES = ("ndk_http_module.so", "ngx_http_lua_module.so")
MODULE_FOLDERS = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules")
KEEPALIVE = 512


class Server:
    """One that answers all endpoints; `headers` go with every request. `rewrites`: the same answer, in other bytes."""

    rewrites = False

    def __init__(self, name: str, process: Process, port: int, headers: dict = None):
        self.name = name
        self.process = process
        self.port = port
        self.headers = headers or {}

    def url(self, path: str = "/v1/completions") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def filled(template: str, values: dict) -> str:
    text = (HERE / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


# --- nginx -----------------------------------------------------------------------


def nginx(name: str, work: pathlib.Path, location: str, http: str = "", modules: tuple = ()) -> Server:
    folder = work / name
    folder.mkdir()
    # Its worker is somebody else where it is started by root, and must get in.
    os.chmod(folder, 0o777)
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(
        filled(
            "nginx.conf",
            {
                "modules": "\n".join(f"load_module {module};" for module in modules),
                "user": "user root;" if os.geteuid() == 0 else "",
                "files": raise_open_files(65536),
                "folder": folder,
                "http": http,
                "location": location,
                "port": port,
            },
        )
    )
    command = [require("nginx", "Debian's nginx"), "-p", folder, "-c", config, "-e", folder / "error.log"]
    process = Process(name, command, folder / "log")
    process.wait_for(f"http://127.0.0.1:{port}/status")
    return Server(name, process, port)


def lua_modules() -> tuple:
    for folder in map(pathlib.Path, MODULE_FOLDERS):
        if all((folder / module).exists() for module in MODULES):
            return tuple(folder / module for module in MODULES)
    raise Missing("nginx: without lua (expected: Debian's libnginx-mod-http-lua)")


class Upstream:
    """Whom all of them ask."""

    def __init__(self, work: pathlib.Path):
        location = f"      content_by_lua_file {HERE / 'upstream.lua'};"
        self.server = nginx("direct", work, location, modules=lua_modules())
        self.port = self.server.port
        self.process = self.server.process

    def requests(self) -> int:
        """How many it was asked so far, this question included."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status", timeout=5) as answer:
            return int(re.search(r"\n\s*\d+\s+\d+\s+(\d+)", answer.read().decode()).group(1))


def to_upstream(port: int) -> str:
    return f"""
  upstream one {{
    server 127.0.0.1:{port};
    keepalive {KEEPALIVE};
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
  }}"""


PASS = """
      proxy_pass http://one;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_read_timeout 1h;
      proxy_next_upstream off;"""

CACHE = """
      proxy_cache answers;
      proxy_cache_methods POST;
      proxy_cache_key $request_uri|$http_authorization|$request_body;
      proxy_cache_valid 200 24h;
      proxy_cache_lock on;
      proxy_cache_lock_timeout 10m;
      proxy_cache_lock_age 10m;
      proxy_ignore_headers X-Accel-Buffering;
      add_header Cache-Status $upstream_cache_status;"""


def nginx_proxy(work: pathlib.Path, upstream: int) -> Server:
    return nginx("nginx", work, PASS, to_upstream(upstream))


def nginx_cache(work: pathlib.Path, upstream: int) -> Server:
    folder = work / "nginx-cache" / "answers"
    path = f"\n  proxy_cache_path {folder} levels=1:2 keys_zone=answers:64m max_size=256m inactive=24h use_temp_path=off;"
    return nginx("nginx-cache", work, PASS + CACHE, to_upstream(upstream) + path)


def haproxy(work: pathlib.Path, upstream: int) -> Server:
    port = free_port()
    folder = work / "haproxy"
    folder.mkdir()
    config = folder / "haproxy.cfg"
    config.write_text(filled("haproxy.cfg", {"port": port, "upstream": upstream}))
    command = [require("haproxy", "Debian's haproxy"), "-db", "-f", config]
    process = Process("haproxy", command, folder / "log")
    process.wait_until_listening(port)
    return Server("haproxy", process, port)


# --- Refrain -----------------------------------------------------------------------


class Refrain(Server):
    """bin/refrain with the defaults, but for the lines given; `door` is more of its `server`."""

    def __init__(self, name, work: pathlib.Path, upstream: int, lines: str = "", loops: int = 0, flags: str = "", ports=None, door=""):
        folder = work / name
        folder.mkdir()
        port, self.management = ports or (free_port(), free_port())
        self.config = folder / "refrain.yaml"
        self.before = (
            f"server: {{host: 127.0.0.1, port: {port}, eventLoops: {loops}{', ' * bool(door)}{door}}}\n"
            f"management: {{host: 127.0.0.1, port: {self.management}}}\n"
        )
        self.upstream = f'"http://127.0.0.1:{upstream}"'
        self.configure(lines or "upstreams: [{url: URL}]")
        options = " ".join(filter(None, [flags, os.environ.get("REFRAIN_JAVA_OPTS")]))
        command = [HOME / "bin" / "refrain", "serve", "--config", self.config]
        process = Process(name, command, folder / "log", {"REFRAIN_JAVA_OPTS": options})
        super().__init__(name, process, port)
        process.wait_for(f"http://127.0.0.1:{self.management}/health/ready", 600)

    def configure(self, lines: str):
        """Writes its file anew; URL in it is the upstream's. Whole at once, for it may be looked at."""
        written = self.config.with_suffix(".new")
        written.write_text(self.before + lines.replace("URL", self.upstream) + "\n")
        written.replace(self.config)

    def metrics(self) -> dict:
        """Every series of /metrics, by its name with its labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.management}/metrics", timeout=10) as answer:
            lines = [line.rpartition(" ") for line in answer.read().decode().splitlines() if line[:1] not in ("", "#")]
        return {name: float(value) for name, _, value in lines}


def redis(work: pathlib.Path) -> Server:
    port = free_port()
    folder = work / "redis"
    folder.mkdir()
    command = [require("redis-server", "Debian's redis-server"), "--port", port, "--bind", "127.0.0.1"]
    command += ["--save", "", "--appendonly", "no", "--dir", folder]
    process = Process("redis", command, folder / "log")
    process.wait_until_listening(port)
    return Server("redis", process, port)


# --- Other gateways -------------------------------------------------------------------


class Portkey(Server):
    """npm's @portkey-ai/gateway, installed once; told whom to ask with every request."""

    rewrites = True

    def __init__(self, work: pathlib.Path, upstream: int):
        home = pathlib.Path(os.environ.get("REFRAIN_COMPARE_HOME") or f"/tmp/refrain-compare-{os.getuid()}")
        program = home / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
        if not program.exists():
            home.mkdir(exist_ok=True)
            npm = [require("npm", "Node 20 or later with npm"), "install", "--silent", "--no-audit", "--no-fund"]
            if subprocess.run([*npm, "--prefix", home, "@portkey-ai/gateway"], cwd=home).returncode:
                raise Missing("npm could not install @portkey-ai/gateway")
        folder = work / "portkey"
        folder.mkdir()
        port = free_port()
        command = [require("node", "Node 20 or later"), program, f"--port={port}", "--headless"]
        process = Process("portkey", command, folder / "log", {"TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"})
        process.wait_until_listening(port, 60)
        asked = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{upstream}/v1"}
        super().__init__("portkey", process, port, {**asked, "Authorization": "Bearer none"})
