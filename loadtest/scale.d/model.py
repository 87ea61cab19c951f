"""A fleet on paper: what meets what, request by request.

Assumed, and nothing else: a load balancer that knows nothing and chooses at random; keys that are asked for by Zipf's law
and independently of each other, a part of the requests being for something nobody asks for again; an L1 of so many
entries that forgets the one that was unused for the longest (Caffeine is cleverer, see validate); a Redis with room for
everything; calls of one length; replicas and Redis that are never too slow.
"""

import heapq
import itertools
import math
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
        """In how many replicas a key is that is in memory anywhere and asked for more than once, on average."""
        copies = Counter(key for memory in self.memories for key in memory if key >= 0)
        return sum(copies.values()) / max(1, len(copies))

    def one_off(self) -> float:
        """The share of all memory that holds what nobody asks for again."""
        number = sum(map(len, self.memories))
        return sum(key < 0 for memory in self.memories for key in memory) / max(1, number)


class Traffic:
    """Requests of a fleet, endless: time, replica, key. Keys of the law are numbers from 0, the hottest; others negative."""

    BEFORE = 10**12  # keys below minus that were asked for once before it all began

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


def horizon(traffic: Traffic, rates: list, one_off: float, entries: int, ttl: float) -> float:
    """How long an L1 remembers what is not asked for again (Che's approximation): as long as it takes until so many
    different keys were asked for as it has room for; in seconds, and no longer than they live."""
    low, high = 0.0, ttl
    for _ in range(40):
        middle = (low + high) / 2
        if one_off * middle + sum(1 - math.exp(-rate * middle) for rate in rates) > entries:
            high = middle
        else:
            low = middle
    return high


def begun(traffic: Traffic, model: Model):
    """As if it had gone on like this for long: Redis holds what was asked for within the time to live, each of an age of
    its own, and every L1 what was asked of it lately."""
    chance = traffic.random.random
    for key in traffic.keys:
        asked = traffic.rate_of(key) * model.ttl
        if chance() < asked / (1 + asked):
            model.redis[key] = chance() * model.ttl
    replicas = len(model.memories)
    rates = [traffic.rate_of(key) / replicas for key in traffic.keys]
    one_off = traffic.rate * traffic.fresh / replicas
    span = horizon(traffic, rates, one_off, model.entries, model.ttl)
    there = [1 - math.exp(-rate * span) for rate in rates]
    old = 0
    for replica in range(replicas):
        lately = [(-math.log(1 - chance() * there[key]) / rates[key], key)
                  for key in traffic.keys if chance() < there[key] and key in model.redis]
        for _ in range(round(one_off * span)):
            old += 1
            lately.append((chance() * span, -traffic.BEFORE - old))
        for age, key in sorted(lately, reverse=True):
            model.keep(replica, key, model.redis.get(key, model.ttl - age))
