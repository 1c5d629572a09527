"""Quotation marks: none where none are needed, else double ones where they can be."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import yaml

from gateway.config.nodes import Mapping, Scalar
from gateway.config.problems import Problems
from gateway.config.source import read_yaml

if TYPE_CHECKING:
    from gateway.config.layout.tree import Word

_TEXT = "tag:yaml.org,2002:str"
_SIMPLE = re.compile(r"[\w./-]+")


def written(word: Word, *, flow: bool) -> str:
    """Write a scalar; in braces and brackets only a simple word goes without its quotes."""
    if not word.quote:
        return word.raw
    if (_SIMPLE.fullmatch(word.text) or not flow) and _reads_the_same(word.text):
        return word.text
    if word.quote == "'" and word.text.isprintable() and not re.search(r'["\\]', word.text):
        return f'"{word.text}"'
    return word.raw


@cache
def _reads_the_same(text: str) -> bool:
    """Say whether the reader takes a text without quotes for itself, as a key and as a value."""
    problems = Problems()
    node = read_yaml("", f"{text}: {text}".encode(), problems)
    if problems.found or not isinstance(node, Mapping) or len(node.entries) != 1:
        return False
    same = all(
        isinstance(part, Scalar) and part.value == text and not part.surprise and not part.cut
        for part in node.entries[0]
    )
    # What other readers of YAML take for a date or a number keeps its quotes.
    elsewhere = yaml.compose(text, yaml.SafeLoader) if same else None
    return elsewhere is not None and elsewhere.tag == _TEXT
