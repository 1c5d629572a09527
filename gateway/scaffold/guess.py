"""All that is guessed about one operation for one contract, before it is written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.contracts import Contract
from gateway.lossless import Json
from gateway.scaffold.answer import Rows, at, cursor, find_rows, whole_answer
from gateway.scaffold.document import Document, block, items
from gateway.scaffold.extract import Keywords, Side, extract
from gateway.scaffold.ideas import key_field
from gateway.scaffold.operations import Operation, Payload
from gateway.scaffold.reply import Reply, make_reply
from gateway.scaffold.request import LINE, Param, Writer, single_keys
from gateway.scaffold.samples import Sampler
from gateway.scaffold.scope import Scope
from gateway.scaffold.shape import ELEMENT, Path, Shape
from gateway.scaffold.tree import Block, Text, Tree

_READ_AS_SCHEMA = ("json", "form", "multipart")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is scaffolded: one operation of a vendor's, for one contract."""

    document: Document
    operation: Operation
    contract: Contract
    vendor: str

    @property
    def name(self) -> str:
        return f"{self.vendor}.{self.contract.name}"


@dataclass(frozen=True, slots=True)
class Guess:
    """What the mapping will say; `writer` knows what its request needs around it."""

    subject: Subject
    request: Block
    writer: Writer
    rows: Rows | None
    reply: Reply | None
    answer: Shape | None
    schemas: Mapping[str, Keywords]
    """By what they are about: `request`, `response`, `error`."""

    @property
    def cursor(self) -> str | None:
        return cursor(self.answer) if self.answer is not None else None

    @property
    def joins(self) -> bool:
        """Whether there may be lines without a row."""
        return self.rows is not None and not self.rows.whole

    def answered(self, *, without_rows: bool = False) -> Json:
        """Make the answer of the vendor's that the test has."""
        if self.answer is None:
            return None
        kept: list[Path] = list(self.reply.used) if self.reply else []
        given: list[tuple[Path, Json]] = [(("errors",), [])]
        rows = self.rows
        if rows is not None:
            kept += [rows.kept(way) for way in (rows.key, rows.value) if way]
        if rows is not None and not rows.whole:
            line = self.writer.scope.line
            key = "0" if rows.field == "index" else str(line[rows.field])
            given.append((rows.kept(rows.key), _as_key(at(rows.element, rows.key), key)))
        if rows is not None and without_rows:
            given.append((rows.path, []))
        page = self.cursor
        if page is not None:  # the only one
            given.append(((page,), None if self.answer.fields[page].has("null") else ""))
        sampler = Sampler(frozenset(kept), tuple(given))
        return sampler.make(self.answer, self.subject.operation.answer.example)


def guess(subject: Subject) -> Guess:
    """Guess everything, from names and schemas alone."""
    operation, contract = subject.operation, subject.contract
    schemas = dict(_schemas(subject))
    body, answer = _shape(schemas, "request"), _shape(schemas, "response")
    params = [Param.of(subject.document, each) for each in operation.parameters]
    singles = single_keys(params)
    by = next(iter(singles), None) or _asked_by(params, body)
    rows = _rows(answer, contract, by, alone=bool(singles))
    scope = Scope.of(contract)
    _adopt(scope, rows, answer, singles, operation.answer.example)
    asks = rows is not None and rows.is_plain and not singles
    each = by if singles else None
    if singles and (contract.effect or len(singles) > 1):
        each = LINE
    pages = asks and answer is not None and cursor(answer) is not None
    writer = Writer(scope, each, batch=asks, pages=pages)
    request = _request(operation, writer, params, body)
    if rows is not None and rows.field == "index" and "index" not in writer.used:
        rows = None
    reply = make_reply(answer if each is None else None, contract)
    return Guess(subject, request, writer, rows, reply, answer, schemas)


def _schemas(subject: Subject) -> Iterator[tuple[str, Keywords]]:
    operation = subject.operation
    bodies: tuple[tuple[str, Payload | None, Side], ...] = (
        ("request", operation.request, "request"),
        ("response", operation.answer, "answer"),
        ("error", operation.error, "answer"),
    )
    for name, payload, side in bodies:
        if payload is None or payload.schema is None:
            continue
        if payload.way == "json" or (side == "request" and payload.way in _READ_AS_SCHEMA):
            title = f"{subject.vendor}: {operation.id}, {name}"
            yield name, extract(subject.document, payload.schema, title, side)


def _shape(schemas: Mapping[str, Keywords], name: str) -> Shape | None:
    return Shape.of(schemas[name]) if name in schemas else None


def _asked_by(params: list[Param], body: Shape | None) -> str | None:
    """Find the field of lines that a list in the request asks by."""
    named = [(each.name, each.shape) for each in params if each.place == "query"]
    named += body.fields.items() if body else []
    for name, shape in named:
        element = shape.element
        if element is None or element.is_scalar:
            field = key_field(name)
            if field is not None:
                return field
    return None


def _rows(answer: Shape | None, contract: Contract, by: str | None, *, alone: bool) -> Rows | None:
    if answer is None:
        return None
    found = find_rows(answer, contract, by)
    return whole_answer(answer, contract, by) if found is None and alone and by else found


def _adopt(
    scope: Scope,
    rows: Rows | None,
    answer: Shape | None,
    singles: Mapping[str, Param],
    example: Json,
) -> None:
    """Let the sample's line be one that the vendor's examples are about."""
    if singles:
        for field, param in singles.items():
            value = Sampler().make(param.shape, param.example, name=param.name)
            scope.adopt(field, str(value))
    elif rows is not None and answer is not None and rows.field in scope.line:
        way = rows.kept(rows.key)
        value = Sampler(frozenset({way})).make(answer, example)
        for step in way:
            value = items(value)[0] if step == ELEMENT else block(value)[step]
        scope.adopt(rows.field, str(value))


def _request(
    operation: Operation, writer: Writer, params: list[Param], body: Shape | None
) -> Block:
    payload = operation.request
    return Block.of(
        ("method", Text(operation.method)),
        ("path", writer.path(operation.path, params)),
        ("query", writer.query(params)),
        ("headers", writer.headers(params)),
        *([_content(payload, writer, body)] if payload else ()),
    )


def _content(payload: Payload, writer: Writer, body: Shape | None) -> tuple[str, Tree]:
    whole = writer.scope.contract.object
    if payload.way in ("text", "bytes"):
        return "text", Text(f"json_string({whole})", "the vendor's own format, made from it")
    key = "body" if payload.way == "json" else payload.way
    return key, Text(whole) if body is None else writer.body(body, payload.example)


def _as_key(shape: Shape, text: str) -> Json:
    return int(text) if not shape.has("string") and text.isdigit() else text
