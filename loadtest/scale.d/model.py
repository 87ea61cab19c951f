"""A fleet on paper: what meets what, request by request.

Assumed, and nothing else: a load balancer that knows nothing and chooses at random; keys that are asked for by Zipf's law
and independently of each other, a part of the requests being for something nobody asks for again; an L1 of so many
entries that forgets the one that was unused for the longest (Caffeine is cleverer, see validate); a Redis with room for
everything; calls of one length; replicas and Redis that are never too slow.
"""

import heapq
import itertools
import random
from collections import Counter, OrderedDict

L1, L2, JOIN, FOLLOW, LEAD = "memory hit", "Redis hit", "joined here", "followed", "called"
BATCH = 50_000


class Model:
    """Told of requests in the order of their time. A flight begun is kept, where it was led or followed, when it ends."""

    def __init__(self, replicas: int, entries: int, ttl: float, call: float):
        self.memories = [OrderedDict() for _ in range(replicas)]
        self.redis = {}
        self.flights = {}
        self.landings = []
        self.entries, self.ttl, self.call = entries, ttl, call
        self.reset()

    def reset(self):
        """Counts anew; what is kept stays."""
        self.tally = Counter()
        self.asked_of_redis = Counter()  # look-ups in Redis by key

    def keep(self, replica: int, key, until: float):
        memory = self.memories[replica]
        memory[key] = until
        memory.move_to_end(key)
        if len(memory) > self.entries:
            memory.popitem(last=False)

    def land(self, now: float):
        while self.landings and self.landings[0][0] <= now:
            end, key = heapq.heappop(self.landings)
            began, replicas = self.flights.pop(key)
            self.redis[key] = began + self.ttl
            for replica in replicas:
                self.keep(replica, key, began + self.ttl)

    def request(self, now: float, replica: int, key) -> str:
        if self.landings and self.landings[0][0] <= now:
            self.land(now)
        memory = self.memories[replica]
        until = memory.get(key)
        if until is not None and until > now:
            memory.move_to_end(key)
            self.tally[L1] += 1
            return L1
        flight = self.flights.get(key)
        if flight and replica in flight[1]:
            self.tally[JOIN] += 1
            return JOIN
        self.asked_of_redis[key] += 1
        until = self.redis.get(key)
        if until is not None and until > now:
            self.keep(replica, key, until)
            how = L2
        elif flight:
            flight[1].add(replica)
            how = FOLLOW
        else:
            self.flights[key] = (now, {replica})
            heapq.heappush(self.landings, (now + self.call, key))
            how = LEAD
        self.tally[how] += 1
        return how

    def duplication(self) -> float:
        """In how many replicas what is in memory anywhere is, on average."""
        copies = Counter(itertools.chain.from_iterable(self.memories))
        return sum(copies.values()) / max(1, len(copies))


class Traffic:
    """Requests of a fleet, endless: time, replica, key. Keys of the law are numbers from 0, the hottest; others negative."""

    def __init__(self, seed: int, replicas: int, rate: float, keys: int, exponent: float, fresh: float):
        self.random = random.Random(seed)
        self.replicas, self.rate, self.fresh = replicas, rate, fresh
        weights = [1 / (rank ** exponent) for rank in range(1, keys + 1)]
        self.sum = sum(weights)
        self.weights = weights
        self.cumulative = list(itertools.accumulate(weights))
        self.keys = range(keys)

    def rate_of(self, key: int) -> float:
        """Requests a second for that key, in the whole fleet."""
        return self.rate * (1 - self.fresh) * self.weights[key] / self.sum

    def __iter__(self):
        now, one_off = 0.0, 0
        while True:
            for key in self.random.choices(self.keys, cum_weights=self.cumulative, k=BATCH):
                now += self.random.expovariate(self.rate)
                if self.random.random() < self.fresh:
                    one_off -= 1
                    key = one_off
                yield now, int(self.random.random() * self.replicas), key


def begun(traffic: Traffic, model: Model):
    """As if it had gone on like this for long: Redis holds what was asked for within the time to live, each of an age of
    its own, and every L1 the hottest keys."""
    for key in traffic.keys:
        asked = traffic.rate_of(key) * model.ttl
        if traffic.random.random() < asked / (1 + asked):
            model.redis[key] = traffic.random.random() * model.ttl
    for replica in range(len(model.memories)):
        for key in reversed(range(min(model.entries, len(traffic.keys)))):
            if key in model.redis:
                model.keep(replica, key, model.redis[key])
