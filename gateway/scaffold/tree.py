"""What a mapping file is put together from, and its text: blocks, lists, expressions, comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.config.frame import clean
from gateway.config.layout.file import lay_out
from gateway.config.records import Record
from gateway.config.scalars import resolve, surprise
from gateway.lossless import Json

_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$.?-]*", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z_/][\w .,/()|'\[\]{}@$+-]*", re.ASCII)
_IN_FLOW = re.compile(r"[A-Za-z_/][\w ./()$+-]*", re.ASCII)
_COLUMN = 52
_WIDEST = 100


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


def scalar(value: Json, *, flow: bool = False) -> str:
    """Write a value on one line of YAML, quoted where readers could take it for something else."""
    if isinstance(value, dict):
        inner = (
            f"{_key(key, flow=True)}: {scalar(each, flow=True)}" for key, each in value.items()
        )
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(scalar(each, flow=True) for each in value)}]"
    if isinstance(value, str):
        return value if _is_plain(value, _IN_FLOW if flow else _PLAIN) else quoted(value)
    if isinstance(value, Decimal | float):
        text = f"{Decimal(str(value)):f}"
        return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
    return json.dumps(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _is_plain(text: str, pattern: re.Pattern[str]) -> bool:
    return (
        pattern.fullmatch(text) is not None
        and not text.endswith(" ")
        and surprise(text) is None
        and isinstance(resolve(text), str)
    )


def _key(key: str, *, flow: bool = False) -> str:
    fitting = _PLAIN_KEY.fullmatch(key) and surprise(key) is None and isinstance(resolve(key), str)
    return key if fitting and not (flow and key.endswith("?")) else quoted(key)


def _lines(head: str, tree: Tree, indent: str) -> Iterator[str]:
    """Write what stands behind a key or a dash; `head` is the line up to there."""
    if isinstance(tree, Flow) and len(head) + len(scalar(tree.value)) >= _WIDEST:
        tree = _spread(tree)
    if isinstance(tree, Block | Listing) and tree.entries:
        yield from _commented(head, tree.comment, indent)
        yield from indented(tree, f"{indent}  ")
        return
    if isinstance(tree, Block | Listing):
        value = "{}" if isinstance(tree, Block) else "[]"
    else:
        value = scalar(tree.text if isinstance(tree, Text) else tree.value)
    yield from _commented(f"{head} {value}", tree.comment, indent)


def _spread(tree: Flow) -> Tree:
    value = tree.value
    if isinstance(value, dict):
        return Block(tuple((key, Flow(each)) for key, each in value.items()), tree.comment)
    if isinstance(value, list):
        return Listing(tuple(Flow(each) for each in value), tree.comment)
    return tree


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
        fits = not isinstance(each, Flow) or len(indent) + len(scalar(each.value)) < _WIDEST - 2
        shown = each if fits or not isinstance(each, Flow) else _spread(each)
        if isinstance(shown, Block) and shown.entries:
            first, *others = _block(shown, f"{indent}  ")
            yield f"{indent}- {first.removeprefix(f'{indent}  ')}"
            yield from others
        else:
            yield from _lines(f"{indent}-", shown, indent)


def _commented(line: str, comment: str | None, indent: str) -> Iterable[str]:
    if comment is None:
        return [line]
    comment = clean(comment)
    aside = f"{line.ljust(_COLUMN)}# {comment}" if len(line) < _COLUMN else f"{line}  # {comment}"
    return [aside] if len(aside) <= _WIDEST else [f"{indent}# {comment}", line]
