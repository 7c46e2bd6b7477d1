"""A grammar as a network of nodes that stand for single bytes: what a reader of bytes goes along.

    network = compiled(gbnf.read(text), "grammar")

Every rule has a first node, and may be called from nodes of others. What could never come to an end is left out, so
whoever goes along the network always finds a way out. Grammars that a reader could not follow are refused here:
those that are too large, that never end, or in which a rule begins with itself.
"""

import heapq
from dataclasses import dataclass, field

from engine.errors import FormNotUsable
from engine.forms.gbnf import ROOT, Characters, Choice, Grammar, Named, Part, Repeat, Sequence, Text
from engine.forms.utf8 import sequences

MOST_NODES = 60_000
MOST_SHORTEST = 60_000  # bytes of the shortest answer
MOST_LOOKS = 400_000  # while it is found out what a rule may begin with
NEVER = 1 << 60
TOO_LONG = 1 << 50  # where it is no use to count any further
BYTE, CALL, SPLIT, END = range(4)


@dataclass(slots=True)
class Network:
    """Nodes by number. A BYTE node has the set of its bytes (`bits`, one for each) and what comes `then`; a CALL
    has the rule's first node and what comes then; a SPLIT has the `ways` to go on; an END ends its rule.

    `shortest` is how many bytes at least lead from a node to the end of its rule.
    """

    kinds: list[int] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    then: list[int] = field(default_factory=list)
    ways: list[tuple[int, ...]] = field(default_factory=list)
    shortest: list[int] = field(default_factory=list)
    first: int = 0  # the first node of the root


def compiled(grammar: Grammar, form: str) -> Network:
    """The network of a grammar. Raises `FormNotUsable` naming `form` ("JSON Schema" or "grammar") and the rule."""
    builder = _Builder(grammar, form)
    network = builder.build()
    _measure(network)
    _check(builder, network)
    return network


class _Builder:
    """Builds from the end to the beginning: a part is given the node that comes after it."""

    def __init__(self, grammar: Grammar, form: str) -> None:
        self._rules, self.form = dict(grammar), form
        self._network = Network()
        self._calls: list[tuple[int, str]] = []
        self._same: dict[tuple[int, int, int], int] = {}  # BYTE nodes that are alike are one
        self._of_repeats: dict[Part, str] = {}
        self._waiting: list[str] = []  # rules that something calls; whatever nothing calls is left out
        self.now = ROOT
        self.first: dict[str, int] = {}

    def build(self) -> Network:
        self._waiting.append(ROOT)
        while self._waiting:
            self.now = self._waiting.pop()
            if self.now not in self.first:
                self.first[self.now] = self._part(self._rules[self.now], self._node(END))
        for node, name in self._calls:
            self._network.ways[node] = (self.first[name],)
        self._network.first = self.first[ROOT]
        return self._network

    def _node(self, kind: int, bits: int = 0, then: int = -1, ways: tuple[int, ...] = ()) -> int:
        network = self._network
        if len(network.kinds) >= MOST_NODES:
            raise FormNotUsable(what=self.form, place=self._place(), why="it is too large")
        network.kinds.append(kind)
        network.bits.append(bits)
        network.then.append(then)
        network.ways.append(ways)
        return len(network.kinds) - 1

    def _place(self) -> str:
        return f"rule {self.now}" if self.form == "grammar" else "the whole"

    def _part(self, part: Part, then: int) -> int:
        match part:
            case Text(text):
                for byte in reversed(text.encode("utf-8", "surrogatepass")):
                    then = self._byte(1 << byte, then)
                return then
            case Characters(ranges):
                return self._characters(ranges, then)
            case Named(name):
                node = self._node(CALL, then=then)
                self._calls.append((node, name))
                self._waiting.append(name)
                return node
            case Sequence(parts):
                for one in reversed(parts):
                    then = self._part(one, then)
                return then
            case Choice(ways):
                return self._split(tuple(self._part(one, then) for one in ways))
            case Repeat(repeated, least, most):
                return self._repeat(repeated, least, most, then)

    def _byte(self, bits: int, then: int) -> int:
        key = BYTE, bits, then
        if key not in self._same:
            self._same[key] = self._node(BYTE, bits, then)
        return self._same[key]

    def _split(self, ways: tuple[int, ...]) -> int:
        return ways[0] if len(ways) == 1 else self._node(SPLIT, ways=ways)

    def _characters(self, ranges: tuple[tuple[int, int], ...], then: int) -> int:
        by_next: dict[int, int] = {}
        for low, high in ranges:
            for sequence in sequences(low, high):
                after = then
                for first, last in reversed(sequence[1:]):
                    after = self._byte(_bits(first, last), after)
                by_next[after] = by_next.get(after, 0) | _bits(*sequence[0])
        return self._split(tuple(self._byte(bits, after) for after, bits in by_next.items()))

    def _repeat(self, part: Part, least: int, most: int | None, then: int) -> int:
        copies = (most if most is not None else least + 1) - (most is None and least == 0)
        if copies > 1 and not isinstance(part, Named):
            name = self._of_repeats.setdefault(part, f"{self.now} repeated {len(self._of_repeats)}")
            self._rules.setdefault(name, part)
            part = Named(name)
        if most is None:
            loop = self._node(SPLIT)
            self._network.ways[loop] = (self._part(part, loop), then)
            then = loop
        else:
            end = then
            for _ in range(most - least):
                then = self._split((self._part(part, then), end))
        for _ in range(least):
            then = self._part(part, then)
        return then


def _bits(first: int, last: int) -> int:
    return (1 << last + 1) - (1 << first)


def _measure(network: Network) -> None:
    """Find `shortest`, from the ends on: what is found first is shortest (Knuth, "A generalization of Dijkstra's
    algorithm", 1977)."""
    count = len(network.kinds)
    network.shortest = [NEVER] * count
    before: list[list[int]] = [[] for _ in range(count)]
    for node in range(count):
        for after in (network.then[node], *network.ways[node]):
            if after >= 0:
                before[after].append(node)
    near = [(0, node) for node in range(count) if network.kinds[node] == END]
    while near:
        length, node = heapq.heappop(near)
        if length >= network.shortest[node]:
            continue
        network.shortest[node] = length
        for one in before[node]:
            if network.shortest[one] == NEVER and (found := _length(network, one)) < NEVER:
                heapq.heappush(near, (found, one))


def _length(network: Network, node: int) -> int:
    kind, shortest = network.kinds[node], network.shortest
    if kind == SPLIT:
        return min(shortest[way] for way in network.ways[node])
    first = 1 if kind == BYTE else shortest[network.ways[node][0]]
    rest = shortest[network.then[node]]
    return NEVER if NEVER in (first, rest) else min(first + rest, TOO_LONG)


def _check(builder: _Builder, network: Network) -> None:
    form = builder.form
    whole = "rule root" if form == "grammar" else "the whole"
    shortest = network.shortest[network.first]
    if shortest >= NEVER:
        raise FormNotUsable(what=form, place=whole, why="no answer that fits it ever comes to an end")
    if shortest > MOST_SHORTEST:
        why = f"the shortest answer that fits it has {shortest:,} bytes"
        raise FormNotUsable(what=form, place=whole, why=why)
    names = {first: name for name, first in builder.first.items()}
    begins = _beginnings(network, names, form)
    done: set[int] = set()
    for start in names:
        trail: dict[int, None] = {}
        path = [(start, iter(begins[start]))] if start not in done else []
        if path:
            trail[start] = None
        while path:
            node, others = path[-1]
            other = next(others, None)
            if other is None:
                path.pop()
                del trail[node]
                done.add(node)
            elif other in trail:
                why = "it begins with itself, so that nothing could ever be its first letter"
                raise FormNotUsable(what=form, place=f"rule {names[other]}", why=why)
            elif other not in done:
                trail[other] = None
                path.append((other, iter(begins[other])))


def _beginnings(network: Network, names: dict[int, str], form: str) -> dict[int, tuple[int, ...]]:
    """For the first node of each rule: the rules that may be called before its first byte."""
    looks = 0
    begins = {}
    for start in names:
        called: dict[int, None] = {}
        seen, todo = {start}, [start] if network.shortest[start] < NEVER else []
        while todo:
            node = todo.pop()
            looks += 1
            if looks > MOST_LOOKS:
                raise FormNotUsable(what=form, place=f"rule {names[start]}", why="it is too tangled")
            if network.kinds[node] == CALL:
                rule = network.ways[node][0]
                called[rule] = None
                after = [network.then[node]] if network.shortest[rule] == 0 else []
            else:
                after = list(network.ways[node])
            todo += [one for one in after if one not in seen and network.shortest[one] < NEVER]
            seen.update(after)
        begins[start] = tuple(called)
    return begins
