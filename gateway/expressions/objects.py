"""Functions on objects, and those that make objects of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import NUMBERS, Misfit, a_type
from gateway.expressions.whole import shortest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.expressions.exact import Number

    By = Callable[[object], object]


def _lookup(table: dict[str, object], key: str) -> object:
    return table.get(key)


def _items(table: dict[str, object]) -> list[object]:
    return [{"key": key, "value": value} for key, value in table.items()]


def _from_items(array: list[object]) -> dict[str, object]:
    made: dict[str, object] = {}
    for item in array:
        if not isinstance(item, dict) or not isinstance(item.get("key"), str):
            raise Misfit("from_items() takes objects with a text as their `key`")
        if item["key"] in made:
            raise Misfit("from_items() got the same key twice")
        made[item["key"]] = item.get("value")
    return made


def _key(name: str, key: object) -> str:
    if isinstance(key, str):
        return key
    if type(key) not in NUMBERS:
        raise Misfit(f"{name}() takes texts or numbers for keys, not {a_type(key)}")
    return shortest(cast("Number", key))


def _group_by(array: list[object], by: By) -> dict[str, list[object]]:
    groups: dict[str, list[object]] = {}
    for element in array:
        groups.setdefault(_key("group_by", by(element)), []).append(element)
    return groups


def _index_by(array: list[object], by: By) -> dict[str, object]:
    index: dict[str, object] = {}
    for element in array:
        index.setdefault(_key("index_by", by(element)), element)
    return index


_ARRAY = takes("array", "array")
_BY = takes("expression", "expression")
_ROWS = """`[{"n": "a", "q": 1}, {"n": "b", "q": 2}, {"n": "a", "q": 3}]`"""

OBJECTS: tuple[Function, ...] = (
    Function(
        "from_items",
        (_ARRAY,),
        "object",
        "null",
        "Makes an object of what `items` gives: objects with `key` and `value`, no key twice.",
        Example("from_items([{key: 'a', value: `1`}])", {"a": 1}),
        _from_items,
    ),
    Function(
        "group_by",
        (_ARRAY, _BY),
        "object",
        "null",
        "Puts the elements into arrays, one under each key that the expression gives. A number "
        "and a text of the same digits are one key.",
        Example(f"group_by({_ROWS}, &n).a[].q", [1, 3]),
        _group_by,
    ),
    Function(
        "index_by",
        (_ARRAY, _BY),
        "object",
        "null",
        "Puts each element under the key that the expression gives; of several with one key the "
        "first. A number and a text of the same digits are one key.",
        Example(f"index_by({_ROWS}, &n).a.q", 1),
        _index_by,
    ),
    Function(
        "items",
        (takes("object", "object"),),
        "array",
        "null",
        "Gives an object `key`, `value` for each field, in their order.",
        Example("""items(`{"EUR": 5}`)""", [{"key": "EUR", "value": 5}]),
        _items,
    ),
    Function(
        "lookup",
        (takes("object", "object"), takes("key", "string")),
        "any",
        "null",
        "Gives the value under a key that is itself computed; null where there is none.",
        Example("""lookup(`{"visa": "VI"}`, 'visa')""", "VI"),
        _lookup,
    ),
)
