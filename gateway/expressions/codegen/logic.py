"""Nodes that choose, negate, and put values together."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions.codegen.writer import Spot

if TYPE_CHECKING:
    from gateway.expressions.codegen.writer import Writer
    from gateway.expressions.syntax import Node


def emit_or(node: Node, at: Spot, out: Writer) -> str:
    return _choice(node, at, out, "not ")


def emit_and(node: Node, at: Spot, out: Writer) -> str:
    return _choice(node, at, out, "")


def _choice(node: Node, at: Spot, out: Writer, negation: str) -> str:
    """Write the left side's value, replaced by the right's where the left isn't the answer yet."""
    left = out.emit(node.children[0], at, out)
    result = out.let("choice", left)
    with out.block(f"if {negation}{out.test(left)}:"):
        out.line(f"{result} = {out.emit(node.children[1], at, out)}")
    return result


def emit_not(node: Node, at: Spot, out: Writer) -> str:
    inner = out.emit(node.children[0], at, out)
    return out.truth(f"not {out.test(inner)}")


def emit_list(node: Node, at: Spot, out: Writer) -> str:
    parts = [("", child) for child in node.children]
    return _selected("[", parts, "]", at, out)


def emit_dict(node: Node, at: Spot, out: Writer) -> str:
    parts = [(f"{cast('str', pair.value)!a}: ", pair.children[0]) for pair in node.children]
    return _selected("{", parts, "}", at, out)


def _selected(
    opening: str, parts: list[tuple[str, Node]], closing: str, at: Spot, out: Writer
) -> str:
    """Write an array or object of several values; null where they would be parts of null."""
    if at.where == "root":
        return out.let("made", opening + _joined(parts, at, out) + closing)
    result = out.let("made", "None")
    with out.block(f"if {at.value} is not None:"):
        out.line(f"{result} = {opening}{_joined(parts, at, out)}{closing}")
    return result


def _joined(parts: list[tuple[str, Node]], at: Spot, out: Writer) -> str:
    return ", ".join([key + out.emit(child, at, out) for key, child in parts])
