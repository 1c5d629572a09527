"""Steps that walk into a value: scope names, fields, indices, slices, flattening."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.expressions.values import Run

Step = Callable[[object, Run], object]


def current(value: object, _run: Run) -> object:
    return value


def build_root(name: str) -> Step:
    return lambda _value, run: run.frame[name]


def build_literal(literal: object) -> Step:
    return lambda _value, _run: literal


def build_fields(names: tuple[str, ...]) -> Step:
    """Compile `a` or `a.b.c`: null as soon as something is no object or lacks the field."""
    if len(names) == 1:
        (name,) = names

        def field(value: object, _run: Run) -> object:
            return value.get(name) if isinstance(value, dict) else None

        return field

    def fields(value: object, _run: Run) -> object:
        for name in names:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value

    return fields


def chain(steps: Sequence[Step]) -> Step:
    """Feed each step's result to the next."""
    if not steps:
        return current
    if len(steps) == 1:
        return steps[0]
    if len(steps) == 2:  # noqa: PLR2004 - the usual case, without a loop
        first, second = steps
        return lambda value, run: second(first(value, run), run)
    in_order = tuple(steps)

    def chained(value: object, run: Run) -> object:
        for step in in_order:
            value = step(value, run)
        return value

    return chained


def build_index(index: int) -> Step:
    def at(value: object, _run: Run) -> object:
        if not isinstance(value, list):
            return None
        try:
            return value[index]
        except IndexError:
            return None

    return at


def build_slice(bounds: slice) -> Step:
    def cut(value: object, run: Run) -> object:
        if not isinstance(value, list):
            return None
        run.spend(len(value))
        return value[bounds]

    return cut


def build_flatten(inner: Step) -> Step:
    def flatten(value: object, run: Run) -> object:
        base = inner(value, run)
        if not isinstance(base, list):
            return None
        run.spend(len(base))
        merged: list[object] = []
        for element in base:
            if isinstance(element, list):
                run.spend(len(element))
                merged.extend(element)
            else:
                merged.append(element)
        return merged

    return flatten
