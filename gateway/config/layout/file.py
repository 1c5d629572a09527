"""A file in the one layout: what it says stays, how it says it is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.layout.order import put_in_order
from gateway.config.layout.read import read_tree
from gateway.config.layout.write import write_tree
from gateway.config.nodes import Mapping, Scalar, Sequence
from gateway.config.problems import Problems
from gateway.config.source import read_yaml

if TYPE_CHECKING:
    from gateway.config.nodes import Node
    from gateway.lossless import Json


def lay_out(data: bytes, schema: dict[str, Json]) -> str:
    """Write a file anew: comments stay, keys stand in the order of the schema.

    It must be one that `read_yaml` finds nothing wrong with, and its top a mapping. Raises
    AssertionError where the new text would say something else, which is a bug.
    """
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    tree = read_tree(text)
    first = tree.entries[0]
    # The comments at the top are the file's, up to a blank line, and all if there is none.
    blanks = [at for at, comment in enumerate(first.before) if not comment]
    end = blanks[-1] + 1 if blanks else len(first.before)
    header, first.before = first.before[:end], first.before[end:]
    put_in_order(tree, schema)
    new = write_tree(header, tree)
    if _content(read_yaml("", new.encode(), Problems())) != _content(
        read_yaml("", data, Problems())
    ):
        raise AssertionError("the layout changes what the file says")
    return new


def _content(node: Node | None) -> object:
    """Give what a file says, whatever the order of keys. A key or value is itself and its type."""
    match node:
        case Mapping(entries):
            return {name.text: _content(value) for name, value in entries}
        case Sequence(items):
            return [_content(item) for item in items]
        case Scalar(value):
            return (type(value), value)
        case _:
            return None
