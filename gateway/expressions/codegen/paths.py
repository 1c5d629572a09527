"""Nodes that walk into a value: fields, indices, slices, flattening; and what is just there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions.context import var_name, where_of_child

if TYPE_CHECKING:
    from gateway.expressions.codegen.writer import Spot, Writer
    from gateway.expressions.syntax import Node

    Bounds = tuple[int | None, int | None, int | None]


def emit_field(node: Node, at: Spot, out: Writer) -> str:
    name = ascii(cast("str", node.value))
    if at.where == "root":
        return out.once("name", f"root[{name}]")
    return out.once("field", f"{out.as_object(at.value)}.get({name})")


def emit_var(node: Node, _at: Spot, out: Writer) -> str:
    return out.once("name", f"root[{cast('str', var_name(node))!a}]")


def emit_chain(node: Node, at: Spot, out: Writer) -> str:
    """Write what feeds one part's value to the next."""
    value = at.value
    for index, child in enumerate(node.children):
        where = where_of_child(node, index, at.where)
        value = out.emit(child, type(at)(where, value), out)
    return value


def emit_current(_node: Node, at: Spot, _out: Writer) -> str:
    return at.value


def emit_literal(node: Node, _at: Spot, out: Writer) -> str:
    return out.once("literal", literal(node.value, out))


def literal(value: object, out: Writer) -> str:
    """Write a value as code; what has no safe spelling becomes a constant."""
    if isinstance(value, str):
        return ascii(value)
    if value is None or isinstance(value, bool):
        return repr(value)
    return out.constant("constant", value)


def emit_index(node: Node, at: Spot, out: Writer) -> str:
    index = cast("int", node.value)
    enough = f"len({at.value}) > {index}" if index >= 0 else f"len({at.value}) >= {-index}"
    there = f"isinstance({at.value}, list) and {enough}"
    return out.once("element", f"{at.value}[{index}] if {there} else None")


def emit_slice(node: Node, at: Spot, out: Writer) -> str:
    bounds = cast("Bounds", node.value)
    cut = ":".join("" if bound is None else str(bound) for bound in bounds)
    result = out.let("array", "None")
    with out.block(f"if isinstance({at.value}, list):"):
        out.spend(f"len({at.value})")
        out.line(f"{result} = {at.value}[{cut}]")
    return result


def emit_flatten(node: Node, at: Spot, out: Writer) -> str:
    base = out.emit(node.children[0], at, out)
    out.uses_run = True
    return out.once("array", f"flatten({base}, run)")
