"""Which expression made a place of an output that breaks its schema; for the way to an error."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.schemas import Schema
from gateway.config.violations import Violation, steps_of
from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.frame import Frame
from gateway.expressions.inside import why_null_inside
from gateway.expressions.shown import in_words, part
from gateway.lossless import Json
from gateway.plan.missing import null_in_words
from gateway.plan.tree import (
    Attempt,
    Block,
    Branch,
    Concat,
    Each,
    Either,
    Leaf,
    Listing,
    OnNull,
    Words,
)

_MOST = 3
"""How many violations are traced; all are listed."""


def broken(schema: Schema, document: Json, branch: Branch | None, frame: Frame) -> str:
    """Say what breaks a schema and where, and which expressions of the tree made it."""
    told: list[str] = []
    for violation in schema.explain(document):
        said = f"{violation.path}: {violation.message}"
        traced = branch if len(told) < _MOST else None
        maker = _maker(traced, document, violation, frame) if traced else None
        told.append(f"{said}, {maker}" if maker else said)
    return f"{schema.name}: {'; '.join(told)}"


def _maker(branch: Branch, document: Json, violation: Violation, frame: Frame) -> str | None:
    path = steps_of(violation.path)
    try:
        found = _find(branch, path, frame)
        if violation.missing is not None and isinstance(found.branch, Block):
            return _left_out(found.branch, violation.missing, found.frame)
        return _made_by(found, _value(document, path))
    except (ExpressionFailed, Refusal, LookupError, TypeError, ValueError):
        # The output's shape can't be followed: what breaks the schema is told without it.
        return None


@dataclass(frozen=True, slots=True)
class _Found:
    """The branch that made a value, with its frame, and the way on into that value."""

    branch: Branch
    frame: Frame
    rest: tuple[str, ...]


def _find(branch: Branch, path: tuple[str, ...], frame: Frame) -> _Found:
    """Follow a path down a tree. Raises LookupError where the tree has no such place."""
    if isinstance(branch, Attempt):
        return _find(branch.part, path, frame)
    if isinstance(branch, Either):
        chosen = branch.chosen(frame)
        if chosen is None:
            raise LookupError
        return _find(chosen, path, frame)
    if not path:
        return _Found(branch, frame, ())
    if isinstance(branch, Block):
        twig = next((twig for twig in branch.twigs if twig.key == path[0]), None)
        if twig is None:
            raise LookupError
        return _find(twig.branch, path[1:], frame)
    if isinstance(branch, Listing | Each):
        chosen, inner = _elements(branch, frame)[int(path[0])]
        return _find(chosen, path[1:], inner)
    if isinstance(branch, Concat):
        return _find_in_concat(branch, path, frame)
    return _Found(branch, frame, path)


def _elements(branch: Listing | Each, frame: Frame) -> list[tuple[Branch, Frame]]:
    """Give what made each element that is there."""
    if isinstance(branch, Each):
        parts = [(branch.body, inner, branch.on_null) for inner in branch.frames(frame) or ()]
    else:
        parts = [(item, frame, on_null) for item, on_null in branch.items]
    return [
        (item, inner)
        for item, inner, on_null in parts
        if on_null is OnNull.REFUSE or item.render(inner) is not None
    ]


def _find_in_concat(branch: Concat, path: tuple[str, ...], frame: Frame) -> _Found:
    index = int(path[0])
    for each, inner in branch.parts(frame) or ():
        made = each.render(inner)
        count = len(made) if isinstance(made, list) else 0
        if index < count:
            return _find(each, (str(index), *path[1:]), inner)
        index -= count
    raise LookupError


def _made_by(found: _Found, value: Json) -> str | None:
    branch = found.branch
    if isinstance(branch, Words):
        return f"made by {part(branch.template.text)} ({branch.blame.where})"
    if not isinstance(branch, Leaf):
        return None
    said = f"is {in_words(value)}, made by {part(branch.program.text)} ({branch.blame.where})"
    if value is not None:
        return said
    if not found.rest:
        return f"{said}: {null_in_words(branch.program, found.frame)}"
    inner = why_null_inside(branch.program, found.frame, found.rest)
    return f"{said}: {inner}" if inner else said


def _left_out(block: Block, key: str, frame: Frame) -> str | None:
    """Explain a key that isn't there: left out because its value is null, or never written."""
    twig = next((twig for twig in block.twigs if twig.key == key), None)
    if twig is None:
        return "which the mapping doesn't set"
    refusal = twig.branch.absent(frame)
    return f"left out: {refusal.cause}" if refusal is not None else None


def _value(document: Json, path: tuple[str, ...]) -> Json:
    """Give the value at a path. Raises LookupError."""
    for step in path:
        if isinstance(document, dict):
            document = document[step]
        elif isinstance(document, list):
            document = document[int(step)]
    return document
