"""Expressions: the compiled form against jmespath's interpreter and against Python by hand."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from referencing import Registry
from referencing.jsonschema import DRAFT202012

from bench.documents import SIZES, counts, refusal, scope
from bench.interpreter import interpreted
from bench.measure import A, B, Pair, Work, against, seconds
from bench.shipped import ROOT, shipped
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.scope import Scope
from gateway.expressions.types.schema import type_of_schema
from gateway.lossless import loads
from gateway.plan.known import lines_type

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = ROOT.parent / "shared" / "jmespath-compliance" / "benchmarks.json"
COUNTS = (250, 500, 1_000)
TYPED = (
    "lines[?quantity > `{}`].{{sku: sku, n: quantity, price: to_number(price)}}",
    "checkout.shipping_address.country_iso2 == 'D{}' && checkout.email",
    "sum(lines[].multiply(to_number(price), quantity)) > `{}`",
    "checkout.orders[].items[] | [?sku == 'x{}'] | [0].variant_id",
    "join(', ', lines[:{}].sku)",
)
_NUMBERS = itertools.count()
"""Makes each expression a new one: what has been compiled before is not compiled again."""
STOCK = "counts[?state=='IN_STOCK'].{id: catalog_object_id, q: to_number(quantity)}"


@dataclass(frozen=True, slots=True)
class Timed:
    """One expression's times on a document of so many lines (None: the suite's own document)."""

    expression: str
    lines: int | None
    pair: Pair


def mappings() -> Iterator[Timed]:
    """Time the shipped mappings' expressions, on what was answered and on what was refused."""
    for lines in SIZES:
        for names in (scope(lines), refusal(lines)):
            for program in shipped():
                if ("body" in program.roots) or names["status"] == 200:  # noqa: PLR2004 - HTTP's
                    ours, theirs = Work(program, Frame(names)), interpreted(program.text, names)
                    yield Timed(program.text, lines, _compared(program.text, ours, theirs))


def suite() -> Iterator[Timed]:
    """Time the compliance suite's benchmarks; nothing where the suite isn't beside the project."""
    if not SUITE.exists():
        return
    for group in json.loads(SUITE.read_bytes()):
        for case in group["cases"]:
            expression, document = case["expression"], group["given"]
            ours = Work(compile_expression(expression, None).search, document)
            pair = _compared(expression, ours, interpreted(expression, document))
            yield Timed(expression, None, pair)


def stock() -> Iterator[tuple[Timed, Timed]]:
    """Time the stock transform against the interpreter and against Python by hand."""
    program = compile_expression(STOCK, None)
    for lines in SIZES:
        document = counts(lines)
        ours = Work(program.search, document)
        against_interpreter = _compared(STOCK, ours, interpreted(STOCK, document))
        against_hand = _compared(STOCK, ours, Work(by_hand, document))
        yield Timed(STOCK, lines, against_interpreter), Timed(STOCK, lines, against_hand)


def by_hand(document: dict[str, list[dict[str, str]]]) -> object:
    """Do what STOCK does as one would write it in Python, trusting the document."""
    return [
        {"id": row["catalog_object_id"], "q": int(row["quantity"])}
        for row in document["counts"]
        if row["state"] == "IN_STOCK"
    ]


def compiling() -> Iterator[tuple[int, float]]:
    """Time the checking and compiling of so many distinct expressions, in CPU seconds."""
    names = Scope(frozenset(scope(1)))
    texts = [program.text for program in shipped()]

    def compile_all(distinct: list[str]) -> None:
        for text in distinct:
            compile_expression(text, names)

    for count in COUNTS:
        several = [
            [f"{texts[number % len(texts)]} | [@, `{next(_NUMBERS)}`]" for number in range(count)]
            for _ in range(3)
        ]
        yield count, min(seconds(Work(compile_all, distinct), 1) for distinct in several)


def checking() -> Iterator[tuple[int, float]]:
    """Time the same against the schema of a checkout, in whose terms they are checked."""
    schema = loads((ROOT / "schemas" / "nacelle" / "checkout.json").read_bytes())
    resource = DRAFT202012.create_resource(schema)
    resolver = Registry().with_resource("", resource).resolver()

    def check_all(distinct: list[str]) -> None:
        checkout = type_of_schema(schema, resolver)
        types = {"checkout": checkout, "lines": lines_type(checkout)}
        names = Scope(frozenset(types), types)
        for text in distinct:
            compile_expression(text, names)

    for count in COUNTS:
        several = [
            [TYPED[number % len(TYPED)].format(next(_NUMBERS)) for number in range(count)]
            for _ in range(3)
        ]
        yield count, min(seconds(Work(check_all, distinct), 1) for distinct in several)


def _compared(expression: str, ours: Work[A], theirs: Work[B]) -> Pair:
    """Time both, once they are seen to give the same."""
    if repr(ours.once()) != repr(theirs.once()):
        raise SystemExit(f"Not the same answer: {expression}")
    return against(ours, theirs)
