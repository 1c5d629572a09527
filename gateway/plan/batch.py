"""The keys that a call asks for together, and how its rows are told apart."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.expressions.values import Bytes
from gateway.lossless import Json
from gateway.plan.missing import Blame
from gateway.plan.row_groups import Keyed
from gateway.plan.sharing import Sharing

_NO_KEYS = (dict, list, bool, Bytes)


@dataclass(frozen=True, slots=True)
class Batch:
    """The keys to ask for, how many the vendor takes at once, and what exchanges share of it."""

    keys: Program
    blame: Blame
    row: Keyed
    size: int
    at_once: int
    sharing: Sharing | None = None

    @property
    def told(self) -> str:
        """Say in words how it asks, without its keys."""
        sharing = self.sharing
        words = [f"at most {self.size} a call, {self.at_once} at a time"]
        if sharing is not None:
            words.append("shared by exchanges that ask at the same time")
        if sharing is not None and sharing.ttl:
            words.append(f"kept for {sharing.ttl:g} s")
        if sharing is not None and sharing.stale:
            words.append(f"and {sharing.stale:g} s more where {sharing.vendor} fails")
        return ", ".join(words)

    def unique(self, frame: Frame) -> list[Json]:
        """Give each key once, in order; null is no key."""
        try:
            keys = self.keys(frame)
        except ExpressionFailed as error:
            raise self.blame.failed(error, frame) from error
        if not isinstance(keys, list):
            raise self.blame.unfit(self.keys.text, "is no list of keys")
        found: dict[Json, None] = {}
        for key in keys:
            if isinstance(key, _NO_KEYS):
                raise self.blame.unfit(self.keys.text, "holds a key that is no text and no number")
            if key is not None:
                found[key] = None
        return list(found)

    def parts(self, keys: list[Json]) -> list[list[Json]]:
        """Split keys to what the vendor takes at once."""
        return [keys[start : start + self.size] for start in range(0, len(keys), self.size)]
