"""Which fields stand beside which: in the cases' data first, then in the schemas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gateway.config.schemas import SchemaStore
from gateway.lossless import Json
from gateway.testing.case_spec import CaseSpec
from gateway.testing.changes import Beside


def neighbours(cases: Iterable[CaseSpec], schemas: SchemaStore) -> Beside:
    """Give what tells the fields beside one of a name, those with a value of its type first."""
    found: dict[str, dict[str, None]] = {}

    def learn(fields: Mapping[str, object], *, alike: bool) -> None:
        for name, value in fields.items():
            others = (key for key in fields if key != name)
            fitting = (key for key in others if not alike or type(fields[key]) is type(value))
            found.setdefault(name, {}).update(dict.fromkeys(fitting))

    data = [each for case in cases for value in _data(case) for each in _objects(value)]
    for alike in (True, False):
        for each in data:
            learn(each, alike=alike)
    for name in schemas.names():
        schema = schemas.get(name)
        for each in _objects(schema.document) if schema else ():
            properties = each.get("properties")
            if isinstance(properties, dict):
                learn(properties, alike=False)
    return lambda name: found.get(name, ())


def _data(case: CaseSpec) -> Iterator[Json]:
    yield case.receive.value
    for exchange in case.vendor:
        if exchange.answer.body is not None:
            yield exchange.answer.body.value


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)
