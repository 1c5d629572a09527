"""The file of tests beside a new mapping: it goes well, lacks a row, and gets no answer."""

from __future__ import annotations

from gateway.lossless import Json
from gateway.scaffold.guess import Guess
from gateway.scaffold.rehearsal import Fields, Rehearsal
from gateway.scaffold.tree import Block, Flow, Listing, note, written
from gateway.testing.case_spec import TESTS_FILE

_NAMES = {
    "inventory.validate": "an item that is in stock",
    "inventory.consume": "the items of an order leave the stock",
    "shipping.validate": "the ways of shipping are offered",
    "promotions.validate": "a coupon is worth something",
    "taxes.validate": "the taxes are worked out",
    "payments.validate": "a payment is good",
    "sync.consume": "an order goes over",
}


def tests_text(guess: Guess, rehearsal: Rehearsal, modeline: str | None) -> str:
    """Write the cases; what they expect is what the mapping does now."""
    answers = {_NAMES[guess.subject.contract.name]: _answer(guess)}
    if guess.joins:
        answers["a line that the vendor has no row for"] = _answer(guess, without_rows=True)
    answers["the vendor doesn't answer"] = {"fault": "timeout", "sent": "unknown"}
    cases = [rehearsal.case(name, answer) for name, answer in answers.items()]
    return written(
        Block.of(
            *([note(modeline, "")] if modeline else ()),
            note(
                "`gateway test` runs these without network; docs/testing.md says how to read them.",
                "They hold what the mapping does now, with made-up values and the examples of the",
                "vendor's description. Put in a real one of yours, and a real answer, and correct",
                "what comes of them.",
            ),
            ("cases", Listing(tuple(Flow(case) for case in cases), spaced=True)),
        ),
        TESTS_FILE,
    )


def received(guess: Guess, read: str) -> Fields:
    """Give the sample that comes in: what the mapping's text reads, and what lines must have."""
    scope = guess.writer.scope
    name = scope.contract.object
    line = {
        key: value
        for key, value in scope.line.items()
        if key in ("product_id", "variant_id", "quantity") or f".{key}" in read
    }
    made: Fields = {}
    for key, value in scope.document.items():
        if value == [scope.line]:
            made[key] = [dict(line)]
        elif key == "id" and scope.contract.effect:
            made[key] = value
        elif key == "shipping_address" and isinstance(value, dict):
            address = {part: each for part, each in value.items() if f"ship.{part}" in read}
            made |= {key: address} if address else {}
        elif f"{name}.{key}" in read:
            made[key] = value
    return made


def _answer(guess: Guess, *, without_rows: bool = False) -> Fields:
    operation = guess.subject.operation
    way = operation.answer.way
    made: Fields = {"status": operation.status}
    if way == "json":
        body: Json = guess.answered(without_rows=without_rows)
        return {**made, "body": body} if body is not None else made
    if way == "none":
        return made
    return {**made, "headers": {"Content-Type": "text/plain"}, "body": "text"}
