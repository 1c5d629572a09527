"""The data of one person: found in the orders that have it, and erased from those that are over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any, Final

from gateway.config.personal import personal_paths
from gateway.lossless import Json, loads
from gateway.orders.desk import Desk, Person
from gateway.orders.masked import eyes_for
from gateway.storage import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.config.schemas import Schema
    from gateway.storage.folder import Folder

_LEAST_DIGITS: Final = 6
_PHONE: Final = re.compile(r"[\d\s()+./-]+")
_NO_DIGIT: Final = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person as one may ask for her: by an e-mail address, a phone number or a name.

    A name is found where all its words stand among an order's personal data, in whichever fields;
    of a phone number only the digits count.
    """

    words: frozenset[str]
    digits: str

    @classmethod
    def of(cls, text: str) -> Somebody:
        digits = _NO_DIGIT.sub("", text) if _PHONE.fullmatch(text) else ""
        words = frozenset(text.casefold().split())
        return cls(words, digits if len(digits) >= _LEAST_DIGITS else "")

    def may_be_in(self, text: str) -> bool:
        """Say quickly whether it's worth while to look closer."""
        if self.digits and self.digits in _NO_DIGIT.sub("", text):
            return True
        folded = text.casefold()
        return all(word in folded for word in self.words)

    def is_in(self, values: list[str]) -> bool:
        if self.digits and any(_NO_DIGIT.sub("", value) == self.digits for value in values):
            return True
        return self.words <= {word for value in values for word in value.casefold().split()}


def found_in(somebody: Somebody, schema: Schema, body: str) -> bool:
    """Say whether an order, as it came, has the person among its personal data."""
    if not somebody.may_be_in(body):
        return False
    document = loads(body.encode())
    return somebody.is_in([*_personal(schema, document)])


def _personal(schema: Schema, document: Json) -> Iterator[str]:
    for path in personal_paths(schema, document):
        value: Any = reduce(getitem, path, document)  # type: ignore[arg-type]  # as `masked` does
        yield str(value)


@dataclass(frozen=True, slots=True)
class Records:
    """What the orders say of people. All methods raise StorageFailed."""

    desk: Desk
    secrets: tuple[str, ...]

    async def having(self, somebody: Somebody, ids: Sequence[int]) -> list[int]:
        """Say which of these orders have a person's data."""
        schema = self.desk.known_plans.configuration.object_schemas["order"]
        came = await self.desk.database.run(lambda c: people.came_in(c, ids), lasting=False)
        return sorted({order_id for order_id, body in came if found_in(somebody, schema, body)})

    async def erase(self, seen: Folder, person: Person) -> bool:
        """Write over all personal data of an order, for good; False where it isn't over yet."""
        eyes = eyes_for(seen, self.desk.known_plans, self.secrets)
        bodies = {number: eyes.stored(paper) for number, paper in enumerate(seen.papers)}
        act = person.does("erase")
        return await self.desk.database.run(
            lambda c: people.write_over(c, seen, eyes.text, bodies, act, self.desk.now)
        )
