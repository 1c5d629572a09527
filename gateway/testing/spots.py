"""Where a mapping file computes: each expression, and each number and boolean in its trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from gateway.config import source
from gateway.config.computed import EXPRESSION, TEMPLATE, Text, Tree
from gateway.config.mapping_spec import MappingSpec
from gateway.config.nodes import Node, Scalar, Sequence
from gateway.config.places import place_inside
from gateway.config.problems import Place
from gateway.config.records import Located, keys_of
from gateway.config.text import Sources
from gateway.expressions.template import inserts_in
from gateway.lossless import loads


@dataclass(frozen=True, slots=True)
class Spot:
    """An expression, from `start` to `end` of a scalar's text; or a literal, which isn't one."""

    scalar: Scalar
    start: int
    end: int
    literal: bool = False

    @property
    def text(self) -> str:
        return self.scalar.text[self.start : self.end]

    def place(self, start: int, end: int, sources: Sources) -> Place:
        """Give where a stretch of the text stands in its file."""
        text = sources.get(self.scalar.place.file)
        if text is None:
            return self.scalar.place
        return place_inside(self.scalar, self.start + start, self.start + end, text)

    def holding(self, text: str) -> Scalar:
        """Give the scalar with another text in this spot."""
        whole = f"{self.scalar.text[: self.start]}{text}{self.scalar.text[self.end :]}"
        value = loads(whole.encode()) if self.literal else whole
        return replace(self.scalar, text=whole, value=cast("str | int | Decimal | bool", value))


def spots_of(spec: MappingSpec) -> Iterator[Spot]:
    return _of_record(spec)


def with_scalar(node: Node, old: Scalar, new: Scalar) -> Node:
    """Give a file's nodes with one scalar in the place of another."""
    if node is old:
        return new
    if isinstance(node, Sequence):
        return replace(node, items=tuple(with_scalar(item, old, new) for item in node.items))
    if isinstance(node, source.Mapping):
        entries = ((name, with_scalar(child, old, new)) for name, child in node.entries)
        return replace(node, entries=tuple(entries))
    return node


def _of_record(spec: Located) -> Iterator[Spot]:
    for info in keys_of(type(spec)):
        value = getattr(spec, info.name, None)
        if not isinstance(value, Text):
            yield from _of_value(value)
        elif info.kind == EXPRESSION:
            yield _whole(value.scalar)
        elif info.kind == TEMPLATE:
            yield from _of_template(value.scalar)


def _of_value(value: object) -> Iterator[Spot]:
    if isinstance(value, Tree):
        yield from _of_tree(value.node)
    elif isinstance(value, Located):
        yield from _of_record(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _of_value(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _of_value(inner)


def _of_tree(node: Node, key: str = "") -> Iterator[Spot]:
    if isinstance(node, source.Mapping):
        for name, child in node.entries:
            yield from _of_tree(child, name.text)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _of_tree(item)
    elif key == "$text":
        yield from _of_template(node)
    elif isinstance(node.value, str) and key != "$as":
        yield _whole(node)
    elif isinstance(node.value, bool | int | Decimal):
        yield replace(_whole(node), literal=True)


def _of_template(scalar: Scalar) -> Iterator[Spot]:
    return (Spot(scalar, start, end) for start, end in inserts_in(scalar.text))


def _whole(scalar: Scalar) -> Spot:
    return Spot(scalar, 0, len(scalar.text))
