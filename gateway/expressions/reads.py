"""Which data an expression reads: the places in a scope from which its value comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from gateway.expressions.context import is_var, var_name
from gateway.expressions.names import as_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.expressions.syntax import Node

_KEEP = frozenset({"compact", "reverse", "sort", "sort_by", "unique", "unique_by"})
"""Functions that give their array's own elements."""

_PICK = frozenset({"max", "max_by", "min", "min_by"})
"""Functions that give one of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the data: a scope's name, then `.field`s and brackets.

    `spread` where it is meant of all elements together, so that an index picks one of them;
    `covered` where the expression can do without: another value stands in, or it is compared only.
    """

    steps: tuple[str, ...]
    spread: bool = False
    covered: bool = False

    @property
    def text(self) -> str:
        return self.steps[0] + "".join(self.steps[1:])

    def then(self, step: str, *, spread: bool = False) -> Place:
        return replace(self, steps=(*self.steps, step), spread=spread)

    @property
    def element(self) -> Place:
        return replace(self, spread=False) if self.spread else self.then("[]")

    @property
    def all(self) -> Place:
        return replace(self, spread=True)


Places = tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Reads:
    """What a value is made from.

    It is what stands at one of `places`, the first that has something; and `used` are the groups
    of places that decide about it besides: what it is computed from, and what filters compare.
    """

    places: Places = ()
    used: tuple[Places, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Name all places, each once."""
        groups = (self.places, *self.used)
        return tuple(dict.fromkeys(place.text for group in groups for place in group))

    @property
    def element(self) -> Reads:
        return Reads(tuple(place.element for place in self.places), self.used)

    @property
    def elements(self) -> Reads:
        return Reads(tuple(place.element.all for place in self.places), self.used)


def reads_of(tree: Node, known: Mapping[str, Reads]) -> Reads:
    """Find what an expression reads; `known` leads names that stand for other data back to it."""
    reader = _Reader(known)
    places = reader.of(tree, None)
    return Reads(tuple(dict.fromkeys(places)), tuple(dict.fromkeys(reader.used)))


class _Reader:
    """Follows one expression; `on` is what a part is taken of, None the scope."""

    def __init__(self, known: Mapping[str, Reads]) -> None:
        self.known = known
        self.used: list[Places] = []
        self.rules: dict[str, Callable[[Node, Places | None], Places]] = {
            "field": self._field,
            "subexpression": self._chain,
            "index_expression": self._chain,
            "pipe": self._chain,
            "key_val_pair": self._chain,
            "index": self._index,
            "slice": self._slice,
            "projection": self._projection,
            "filter_projection": self._projection,
            "value_projection": self._values,
            "flatten": self._flatten,
            "or_expression": self._or,
            "and_expression": self._and,
            "not_expression": self._computed,
            "comparator": self._computed,
            "multi_select_list": self._computed,
            "multi_select_dict": self._computed,
            "function_expression": self._call,
        }

    def of(self, node: Node, on: Places | None) -> Places:
        rule = self.rules.get(node.kind)
        if rule is not None:
            return rule(node, on)
        return () if node.kind == "literal" else on or ()

    def use(self, nodes: Iterable[Node], on: Places | None, *, covered: bool = False) -> Places:
        """Read parts whose values aren't the result, but decide about it."""
        for node in nodes:
            places = self.of(node, on)
            if places:
                self.used.append(_covered(places) if covered else places)
        return ()

    def _field(self, node: Node, on: Places | None) -> Places:
        name = cast("str", node.value)
        if on is None:
            return self._root(name)
        return tuple(place.then(f".{as_name(name)}") for place in on)

    def _root(self, name: str) -> Places:
        found = self.known.get(name)
        if found is None:
            return (Place((as_name(name),)),)
        self.used.extend(found.used)
        return found.places

    def _chain(self, node: Node, on: Places | None) -> Places:
        first, *rest = node.children
        places = self.of(first, on)
        for part in rest:
            places = self.of(part, places)
        return places

    def _index(self, node: Node, on: Places | None) -> Places:
        picked = f"[{node.value}]"
        return tuple(p.element if p.spread else p.then(picked) for p in on or ())

    def _slice(self, _node: Node, on: Places | None) -> Places:
        return tuple(place.element.all for place in on or ())

    def _flatten(self, node: Node, on: Places | None) -> Places:
        places = self.of(node.children[0], on)
        return tuple(
            p if p.spread and p.steps[-1] == "[]" else p.then("[]", spread=True) for p in places
        )

    def _projection(self, node: Node, on: Places | None) -> Places:
        elements = tuple(place.element for place in self.of(node.children[0], on))
        self.use(node.children[2:], elements, covered=True)
        return tuple(place.all for place in self.of(node.children[1], elements))

    def _values(self, node: Node, on: Places | None) -> Places:
        values = tuple(place.then(".*") for place in self.of(node.children[0], on))
        return tuple(place.all for place in self.of(node.children[1], values))

    def _or(self, node: Node, on: Places | None) -> Places:
        found = [self.of(child, on) for child in node.children]
        together = tuple(place for places in found for place in places)
        return together if all(found) else _covered(together)

    def _and(self, node: Node, on: Places | None) -> Places:
        self.use(node.children[:1], on, covered=True)
        return self.of(node.children[1], on)

    def _computed(self, node: Node, on: Places | None) -> Places:
        return self.use(node.children, on, covered=True)

    def _call(self, node: Node, on: Places | None) -> Places:
        if is_var(node):
            return self._root(var_name(node) or "")
        name = cast("str", node.value)
        given = [child for child in node.children if child.kind != "expref"]
        expressions = [child.children[0] for child in node.children if child.kind == "expref"]
        if name == "not_null":
            return self._or(node, on)
        if not expressions and name not in _KEEP | _PICK:
            return self.use(given, on)
        lists = tuple(place for child in given for place in self.of(child, on))
        elements = tuple(place.element for place in lists)
        if name == "map":
            return tuple(p.all for each in expressions for p in self.of(each, elements))
        self.use(expressions, elements)
        if name in _KEEP:
            return tuple(place.all for place in elements)
        if name in _PICK:
            return elements
        self.used.append(lists)
        return ()


def _covered(places: Places) -> Places:
    return tuple(replace(place, covered=True) for place in places)
