"""The ledger: what a simulator was asked, and what that changed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came, `number` from 1.

    `query` is the raw query string. `headers` have lower-case names and no credentials. `body` is
    None where a fault cut the connection before it was read. `fault` names the fault that met it.
    """

    number: int
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """One change of the vendor's state: its kind, what it changed, and from what to what."""

    kind: str
    key: str
    change: dict[str, str | None]


@dataclass(slots=True)
class Ledger:
    """Everything since the last reset, in order.

    `running` requests are being answered now; `most_at_once` is the most that there were.
    """

    requests: list[Received] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    running: int = 0
    most_at_once: int = 0

    def effect(self, kind: str, key: str, **change: str | None) -> None:
        self.effects.append(Effect(kind, key, change))

    def begin(self) -> None:
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)

    def end(self) -> None:
        self.running -= 1

    def clear(self) -> None:
        self.requests.clear()
        self.effects.clear()
        self.most_at_once = self.running
