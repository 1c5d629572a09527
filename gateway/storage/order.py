"""What is stored of an order, and the words for where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from sqlalchemy import Row

State = Literal[
    "waiting",  # it is delivered when it is due
    "running",  # its owner delivers it now
    "done",
    "refused",  # it ended without an effect: its key is free again
    "undone",  # what was done of it has been taken back: its key is free again
    "held",  # it waits for a person
    "cancelled",  # a person has stopped it
]

Effect = Literal[
    "none",  # surely nothing was changed at a vendor
    "doubt",  # something was sent, and nobody knows
    "part",  # a part of it was done, and the rest wasn't
    "done",
    "undone",
]

STATES: Final = get_args(State)

OPEN: Final = ("waiting", "running")
"""The states in which the gateway goes on by itself."""

FREE: Final = ("none", "undone")
"""With these effects another attempt may begin, once the present one has ended."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as it has just come.

    `document` is the order as JSON, `digest` of what must not differ in a repeat, `snapshot` the
    digest of the mapping, `content`. `changed` as in the mapping's `delivery`. `stored` where it is
    answered once it is stored, and delivered in the background.
    """

    mapping: str
    key: str
    contract: str
    vendor: str
    digest: str
    document: str
    snapshot: str
    content: str
    stored: bool
    changed: Literal["refuse", "ignore", "send"]
    give_up_after: float


@dataclass(frozen=True, slots=True)
class Fence:
    """Who may write about an order: its owner, as long as nobody has taken it since."""

    order_id: int
    attempt: int
    owner: str
    run: int


@dataclass(frozen=True, slots=True)
class Order:
    """One row of `orders`; moments are seconds since 1970."""

    id: int
    mapping: str
    key: str
    contract: str
    vendor: str
    state: State
    effect: Effect
    stored: bool
    attempt: int
    digest: str
    snapshot: str
    received_at: float
    changed_at: float
    give_up_at: float
    due_at: float | None
    owner: str | None
    run: int
    tries: int
    reason: str | None
    error: str | None
    reply: str | None
    undoing: str | None
    reference: str | None

    @property
    def fence(self) -> Fence:
        return Fence(self.id, self.attempt, self.owner or "", self.run)

    @property
    def free(self) -> bool:
        """Whether the key is free: another attempt may begin."""
        return self.state not in {*OPEN, "cancelled"} and self.effect in FREE


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run of an order ends: in another state, or waiting, for `wait` seconds.

    `reason`, `error` and `reply` (as JSON) tell of a refusal.
    """

    state: State
    effect: Effect
    tries: int
    wait: float | None = None
    reason: str | None = None
    error: str | None = None
    reply: str | None = None
    reference: str | None = None


def order_of(row: Row[tuple[object, ...]]) -> Order:
    return Order(**row._mapping)  # noqa: SLF001 - public in all but its name: SQLAlchemy keeps `_` free for columns
