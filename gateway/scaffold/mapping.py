"""The text of a mapping file, from what was guessed: commented, so that it can be put right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gateway.config.mapping_spec import MAPPING_FILE
from gateway.scaffold.answer import (
    LINE_VALUES,
    Rows,
    amount,
    at,
    find_field,
    held_back,
    path_text,
    sums_up,
)
from gateway.scaffold.guess import Guess
from gateway.scaffold.ideas import said
from gateway.scaffold.request import LINE
from gateway.scaffold.shape import Shape
from gateway.scaffold.tree import SPACE, Block, Flow, Plain, Text, Tree, note, written

Entry = tuple[str | None, Tree | None]

_BATCH_SIZE = 100
_PURPOSES = {
    "inventory.validate": "A checkout asks what is in stock.",
    "inventory.consume": "An order was placed: its items leave the stock.",
    "shipping.validate": "A checkout asks how it can be shipped, and for how much.",
    "promotions.validate": "A checkout asks what its coupons are worth.",
    "taxes.validate": "A checkout asks for its taxes.",
    "payments.validate": "A checkout asks whether its payments would go through.",
    "sync.consume": "An order was placed: it goes to the vendor's order system.",
}


def mapping_text(guess: Guess, schemas: Mapping[str, str], modeline: str | None) -> str:
    """Write the file; `schemas` are the names of its schema files, by what they are about."""
    subject = guess.subject
    made = Block.of(
        *_head(guess, modeline),
        ("mapping", Text(subject.name)),
        ("contract", Text(subject.contract.name)),
        ("vendor", Text(subject.vendor)),
        ("let", _let(guess)),
        SPACE,
        ("call", Block.of(*_call(guess, schemas))),
        *((SPACE, ("lines", _lines(guess, guess.rows))) if guess.rows else ()),
        *((SPACE, ("reply", Block.of(("set", guess.reply.tree)))) if guess.reply else ()),
    )
    return written(made, MAPPING_FILE)


def _head(guess: Guess, modeline: str | None) -> Iterator[Entry]:
    subject = guess.subject
    if modeline is not None:
        yield note(modeline, "")
    what = f"{_PURPOSES[subject.contract.name]} The vendor's part is {subject.operation}."
    yield note(
        *_wrapped(what),
        "",
        "Written by `gateway new`, which guesses by names where each value comes from. Read it",
        "from top to bottom beside the vendor's manual, and correct it. What comes of it stands in",
        "the file beside it that ends in .test.yaml.",
    )


def _let(guess: Guess) -> Block | None:
    writer, subject = guess.writer, guess.subject
    name = subject.contract.object
    entries: list[Entry] = []
    if _has_key(guess) and writer.each is None:
        entries.append(note("One order, one key, in every repeat: by it the vendor knows one."))
        entries.append(("key", Text(f"uuid5(order_key, '{subject.name}')")))
    if any("ship." in each for each in writer.used):
        entries.append(note("A multi-order may keep the address with its parts."))
        entries.append(("ship", Text(f"{name}.shipping_address || orders[0].shipping_address")))
    return Block.of(*entries) if entries else None


def _has_key(guess: Guess) -> bool:
    return "key" in guess.writer.used


def _call(guess: Guess, schemas: Mapping[str, str]) -> Iterator[Entry]:
    writer, rows = guess.writer, guess.rows
    if writer.each is not None:
        by = "lines" if writer.each == LINE else f"unique(lines[].{writer.each})"
        yield "each", Text(by, "one request for each of them")
        yield "as", Text(writer.each)
    if writer.each is not None and _has_key(guess):
        key = Text(f"uuid5(order_key, '{guess.subject.name}', to_string(index))")
        yield "let", Block.of(("key", key))
    if _batches(guess) and rows is not None:
        yield "batch", Block.of(*_batch(guess, rows))
    yield "request", _request(guess, schemas.get("request"))
    if writer.turns_pages and rows is not None:
        page = path_text((guess.cursor or "",), "body")
        yield "pages", Block.of(("rows", Text(rows.text)), ("next", Text(page)))
    if guess.subject.contract.effect:
        yield from _repeats(guess)
    response = Block.of(*_response(guess, schemas))
    if response.entries:
        yield "response", response
    yield note(
        "What the vendor's refusals mean to a shop. The first rule that applies decides, as in:",
        "errors:",
        f"  - when: {_refusal(guess)}",
        f"    error: The vendor doesn't have an item of this {guess.subject.contract.object}",
    )


def _refusal(guess: Guess) -> str:
    """Give the condition of a rule, by the word that the vendor's errors carry, if they do."""
    if "error" in guess.schemas:
        error = Shape.of(guess.schemas["error"])
        way = find_field(error, lambda name: said(name) in ("code", "error_code", "type"))
        if way is not None and at(error, way).has("string"):
            return f"{path_text(way, 'body')} == 'unknown_item'"
    return "status == `404`"


def _batches(guess: Guess) -> bool:
    return guess.writer.batch and guess.writer.asks_by is not None


def _batch(guess: Guess, rows: Rows) -> Iterator[Entry]:
    writer = guess.writer
    yield "keys", Text(f"lines[].{writer.asks_by}", "each is asked for once")
    if not writer.turns_pages:
        yield "rows", Text(rows.text)
    yield "row", Text(path_text(rows.key, "row"), "the key, as a row of the answer has it")
    size = min(writer.most or _BATCH_SIZE, 100_000)
    doubt = None if writer.most else "keys a request: put the vendor's limit"
    yield "size", Plain(size, doubt)


def _request(guess: Guess, schema: str | None) -> Block:
    entries: list[Entry] = list(guess.request.entries)
    if schema is not None and any(key == "body" for key, _ in entries):
        entries.append(("schema", Text(schema)))
    left = guess.writer.left_out
    if left:
        entries.append(note(*_wrapped(f"It may also hold: {', '.join(left)}")))
    return Block.of(*entries)


def _repeats(guess: Guess) -> Iterator[Entry]:
    if _has_key(guess):
        yield "idempotency", Text("key", "the vendor knows a repeat by it")
        return
    yield note(
        "Nothing in this request tells the vendor a repeat from a new order. If its API takes a",
        "key, send one that is made from order_key, and name it here: `idempotency: order_key`.",
    )


def _response(guess: Guess, schemas: Mapping[str, str]) -> Iterator[Entry]:
    way = guess.subject.operation.answer.way
    if way in ("text", "bytes", "none"):
        yield "as", Text(way)
    if guess.answer is not None and "errors" in guess.answer.fields:
        yield "succeeds", Text("!(body.errors)", "errors may come with a status of 200")
    if "response" in schemas:
        yield "schema", Text(schemas["response"])
    if "error" in schemas and way == "json":
        yield "error_schema", Text(schemas["error"])


def _lines(guess: Guess, rows: Rows) -> Block:
    name, _ = LINE_VALUES[guess.subject.contract.name]
    entries: list[Entry] = [("from", Text("call"))]
    if not _batches(guess):
        entries += [("rows", Text(rows.text)), ("row", Text(_row_key(guess, rows)))]
    entries.append(("line", Text(rows.line, "rows with the same key belong to it")))
    entries.append(("set", Block.of((name, _value(name, rows)))))
    if name == "available":
        entries.append(("unmatched", Flow({"available": 0}, "a line without a row")))
    else:
        entries.append(("unmatched", Text("keep", "a line without a row stays as it came")))
    return Block.of(*entries)


def _row_key(guess: Guess, rows: Rows) -> str:
    """Give the key of a row; where the answer has none, that of the element asked for."""
    if rows.key:
        return path_text(rows.key, "row")
    each = guess.writer.each or ""
    return f"{each}.{rows.field}" if each == LINE else each


def _value(name: str, rows: Rows) -> Tree:
    if rows.value is None:
        return Plain(0, "no field of a row looks like its stock: put yours, as in row.NAME")
    if name != "available":
        return Text(amount("row", rows.element, rows.value))
    if sums_up(rows) and not rows.whole:
        inner = path_text(rows.value[1:], rows.value[0])
        return Text(f"sum(rows[].to_number({inner}))", "all rows with its key together")
    held = held_back(rows)
    doubt = None if held is None else f"is {held} still in it? then subtract(…, …)"
    return Text(path_text(rows.value, "row"), doubt)


def _wrapped(text: str, width: int = 92) -> list[str]:
    return re.findall(rf".{{1,{width}}}(?:\s+|$)", text)
