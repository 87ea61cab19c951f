"""What a Redis was asked, by its own account: INFO before and after. Nothing is sampled."""

import socket
import time
from dataclasses import dataclass, field


class Redis:
    """One connection, for INFO and little else."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.reader = self.socket.makefile("rb")
        self.told = 0  # bytes of the latest reply

    def ask(self, *words):
        parts = [str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        self.told = 0
        return self.reply()

    def reply(self):
        line = self.reader.readline()
        self.told += len(line)
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$" and int(rest) >= 0:
            body = self.reader.read(int(rest) + 2)
            self.told += len(body)
            return body[:-2].decode(errors="replace")
        if kind == b"*" and int(rest) >= 0:
            return [self.reply() for _ in range(int(rest))]
        return None if rest == b"-1" else rest.decode()

    def close(self):
        self.socket.close()


@dataclass
class Count:
    """Commands by name, those within scripts included, and bytes."""

    commands: dict = field(default_factory=dict)
    into: float = 0
    out: float = 0

    def of(self, name: str) -> float:
        return self.commands.get(name, 0)

    def without(self, rest: "Count", times: float) -> "Count":
        """Less what goes on anyway, so many times."""
        names = self.commands.keys() | rest.commands.keys()
        less = {name: self.of(name) - times * rest.of(name) for name in names}
        return Count(less, self.into - times * rest.into, self.out - times * rest.out)

    def each(self, number: float) -> "Count":
        return Count({name: value / number for name, value in self.commands.items()}, self.into / number, self.out / number)


# What the client of the meter itself asks.
OWN = ("info", "config|resetstat")


class Meter:
    """INFO counts its own request at once, and its reply after it was made."""

    def __init__(self, port: int):
        self.redis = Redis(port)

    def read(self) -> Count:
        text = self.redis.ask("INFO", "everything")
        count = Count()
        for line in text.splitlines():
            name, _, value = line.partition(":")
            if name.startswith("cmdstat_"):
                count.commands[name[8:]] = int(value.split("calls=")[1].split(",")[0])
            elif name == "total_net_input_bytes":
                count.into = int(value)
            elif name == "total_net_output_bytes":
                count.out = int(value)
        self.last = self.redis.told
        for name in OWN:
            count.commands.pop(name, None)
        return count

    def begin(self):
        self.settle()
        self.before = self.read()
        self.own_out = self.last
        self.began = time.monotonic()

    def end(self) -> Count:
        """Since begin, once nothing is under way any more."""
        own_in = self.settle()
        asked = len(b"*2\r\n$4\r\nINFO\r\n$10\r\neverything\r\n")
        after = self.read()
        self.seconds = time.monotonic() - self.began
        count = after.without(self.before, 1)
        # All readings but the first one's request and the last one's reply lie within.
        count.into -= asked * (len(own_in) + 1)
        count.out -= self.own_out + sum(own_in)
        return count

    def settle(self) -> list:
        """Reads until nothing but the board of purges is asked for; the lengths of the replies."""
        own, before = [], None
        for _ in range(200):
            now = self.read()
            own.append(self.last)
            now.commands.pop("hgetall", None)
            if now.commands == before:
                return own
            before = now.commands
            time.sleep(0.12)
        raise SystemExit("scale: Redis does not come to rest")
