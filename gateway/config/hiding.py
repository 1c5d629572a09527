"""Keeps what was written where a secret belongs out of every problem's text and lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.config import source
from gateway.config.problems import Place, Problem, Problems
from gateway.config.source import Node, Scalar
from gateway.config.text import SourceText

_HOLDERS = frozenset({"signature", "shared_secret", "auth", "tracing", "admin"})
"""Blocks that hold secrets."""
_HARMLESS = frozenset(
    {"type", "header", "query", "prefix", "contracts", "env", "file"}
    | {"token_url", "grant", "client", "scope", "request", "answer"}  # oauth2
    | {"algorithm", "claims", "signs", "encoding", "timestamp_header", "realm", "body_hash"}
    | {"endpoint", "percent", "service"}  # tracing
    | {"port", "host"}  # admin
)
"""Their keys whose values are none."""
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})

# A file that can't be read has no nodes, and a key's second value none either: then the lines
# themselves are looked at.
_WRITTEN = re.compile(
    r"(?:^|[\s{,\[-])[\"']?(?:token|secrets?|key|user(?:name)?|password|auth|(?:proxy-)?authorization|"
    r"client_(?:id|secret)|refresh_token|token_secret|consumer_(?:key|secret))[\"']?"
    r"\s*:(?![\[{\s]*[\"']?(?:type|env|file)\b)(?P<value>[^\n]*)",
    re.IGNORECASE,
)
_USER_IN_URL = re.compile(r"://[^/\s]*@")
_LEAST = 4
"""Shorter pieces of a value stand in other words as well."""


def hide_secrets(node: Node | None, text: SourceText | None, problems: Problems) -> None:
    """Hide the lines of a gateway.yaml on which a secret may stand, and the texts that quote it."""
    if text is None:
        return
    found = [*_in_nodes(node), *_in_lines(text)]
    lines = {line for stretch in found for line in stretch.lines}
    pieces = {stretch.value for stretch in found if len(stretch.value) >= _LEAST}
    problems.found[:] = [
        _hidden(problem, pieces)
        if problem.place.file == text.name and not lines.isdisjoint(_lines(problem.place))
        else problem
        for problem in problems.found
    ]


def is_secret_header(name: str) -> bool:
    """Say whether what a header carries is a secret."""
    return name.lower() in _SECRET_HEADERS


@dataclass(frozen=True, slots=True)
class _Stretch:
    value: str
    lines: range


def _hidden(problem: Problem, pieces: set[str]) -> Problem:
    said = f"{problem.message} {problem.advice or ''}"
    if problem.code != "secret-literal" and any(piece in said for piece in pieces):
        found = Problems()
        found.secret_literal(problem.place)
        return found.found[0]
    return replace(problem, hidden=True)


def _lines(place: Place) -> range:
    return range(place.line, place.end_line + 1)


def _in_nodes(node: Node | None, *, holder: bool = False) -> Iterator[_Stretch]:
    if isinstance(node, Scalar):
        if (holder and node.text) or _USER_IN_URL.search(node.text):
            yield _Stretch(node.text, _lines(node.place))
    elif isinstance(node, source.Sequence):
        for item in node.items:
            yield from _in_nodes(item, holder=holder)
    elif node is not None:
        for name, child in node.entries:
            if holder and name.text in _HARMLESS and not _is_pasted(name.text, child):
                continue
            secret = name.text in _HOLDERS or is_secret_header(name.text)
            yield from _in_nodes(child, holder=holder or secret)


def _is_pasted(key: str, value: Node) -> bool:
    """Tell whether a variable's name isn't written as they usually are: it may be the secret."""
    return key == "env" and isinstance(value, Scalar) and not value.text.isupper()


def _in_lines(text: SourceText) -> Iterator[_Stretch]:
    for number in range(1, text.last_line + 1):
        line = text.line(number)
        for found in _WRITTEN.finditer(line):
            for piece in re.findall(r"[^\s\"'{}\[\],:]+(?![^\s,]*:)", found["value"]):
                yield _Stretch(piece, range(number, number + 1))
            if found["value"].strip() in {"", "|", ">", "|-", ">-"}:
                yield _Stretch(text.line(number + 1).strip(), range(number + 1, number + 2))
