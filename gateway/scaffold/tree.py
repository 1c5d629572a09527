"""What a mapping file is put together from, and its text: blocks, lists, expressions, comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.config.frame import clean
from gateway.config.layout.file import lay_out
from gateway.config.records import Record
from gateway.config.scalars import resolve, surprise
from gateway.lossless import Json
from gateway.testing.yaml_text import WIDTH, after_key, in_block, item

_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$.?-]*", re.ASCII)
_COLUMN = 52


@dataclass(frozen=True, slots=True)
class Text:
    """A value as the file has it: an expression, a template, a name; not yet quoted for YAML."""

    text: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """A number, a boolean or null."""

    value: Json
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Plain data: on one line where it fits, else over several."""

    value: Json
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; `spaced` puts a blank line between its elements."""

    entries: tuple[Tree, ...]
    comment: str | None = None
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Keys with their values; those of None are comments that stand alone, and blank lines."""

    entries: tuple[tuple[str | None, Tree], ...]
    comment: str | None = None

    @classmethod
    def of(cls, *entries: tuple[str | None, Tree | None], comment: str | None = None) -> Block:
        """Make a block of the entries that are there."""
        kept = tuple((key, value) for key, value in entries if value is not None)
        return cls(kept, comment)


Tree = Text | Plain | Flow | Listing | Block


SPACE: tuple[None, Plain] = (None, Plain(None))
"""A blank line."""


def note(*lines: str) -> tuple[None, Text]:
    """Make a comment that stands alone."""
    return None, Text("\n".join(lines))


def literal(value: Json, comment: str | None = None) -> Tree:
    """Give the tree that makes this very value: text has JMESPath's quotes of its own."""
    if isinstance(value, str) and "\\" in value:  # which a text in `'…'` can't end with
        escaped = quoted(value).replace("`", "\\`")
        return Text(f"`{escaped}`", comment)
    if isinstance(value, str):
        escaped = value.replace("'", "\\'")
        return Text(f"'{escaped}'", comment)
    if isinstance(value, list):
        return Listing(tuple(literal(each) for each in value), comment)
    if isinstance(value, dict):
        return Block(tuple((own(key), literal(each)) for key, each in value.items()), comment)
    return Plain(value, comment)


def own(key: str) -> str:
    """Write a vendor's key so that it is no directive and no optional one."""
    key = f"${key}" if key.startswith("$") else key
    return f"{key}?" if key.endswith("?") else key


def written(tree: Block, file: Record[Any]) -> str:
    """Write a file's text, in the one layout of its kind."""
    text = "\n".join(indented(tree, "")) + "\n"
    return lay_out(text.encode(), file.json_schema())


def indented(tree: Block | Listing, indent: str) -> list[str]:
    """Write the lines of a part of a file."""
    return list(_block(tree, indent) if isinstance(tree, Block) else _listing(tree, indent))


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _key(key: str) -> str:
    fitting = _PLAIN_KEY.fullmatch(key) and surprise(key) is None and isinstance(resolve(key), str)
    return key if fitting else quoted(key)


def _lines(head: str, tree: Tree, indent: str) -> Iterator[str]:
    """Write what stands behind a key or a dash; `head` is the line up to there."""
    if isinstance(tree, Flow):
        first, *below = after_key(tree.value, len(indent) + 2, len(head)).split("\n")
        yield from _commented(f"{head}{first}", tree.comment, indent)
        yield from below
        return
    if isinstance(tree, Block | Listing) and tree.entries:
        yield from _commented(head, tree.comment, indent)
        yield from indented(tree, f"{indent}  ")
        return
    if isinstance(tree, Block | Listing):
        value = "{}" if isinstance(tree, Block) else "[]"
    else:
        value = in_block(tree.text if isinstance(tree, Text) else tree.value)
    yield from _commented(f"{head} {value}", tree.comment, indent)


def _block(tree: Block, indent: str) -> Iterator[str]:
    for key, value in tree.entries:
        if key is None and isinstance(value, Text):
            yield from (f"{indent}# {clean(line)}".rstrip() for line in value.text.split("\n"))
        elif key is None:
            yield ""
        else:
            yield from _lines(f"{indent}{_key(key)}:", value, indent)


def _listing(tree: Listing, indent: str) -> Iterator[str]:
    for number, each in enumerate(tree.entries):
        if number and tree.spaced:
            yield ""
        if isinstance(each, Block) and each.entries:
            first, *others = _block(each, f"{indent}  ")
            yield f"{indent}- {first.removeprefix(f'{indent}  ')}"
            yield from others
        elif isinstance(each, Flow):
            first, *others = item(each.value, len(indent)).split("\n")
            yield from _commented(f"{indent}{first}", each.comment, indent)
            yield from others
        else:
            yield from _lines(f"{indent}-", each, indent)


def _commented(line: str, comment: str | None, indent: str) -> Iterable[str]:
    if comment is None:
        return [line]
    comment = clean(comment)
    aside = f"{line.ljust(_COLUMN)}# {comment}" if len(line) < _COLUMN else f"{line}  # {comment}"
    return [aside] if len(aside) <= WIDTH else [f"{indent}# {comment}", line]
