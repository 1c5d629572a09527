"""What gateway.yaml says about the database in which the gateway keeps what must outlive it."""

from __future__ import annotations

from typing import Final

from gateway.config import source
from gateway.config.formats import DURATION
from gateway.config.kinds import BAD, Bad, Context, read_text
from gateway.config.records import Located, Record, entry, record
from gateway.config.secrets import Secret
from gateway.config.source import Node
from gateway.config.units import Duration, parse_duration
from gateway.config.values import STAND_IN, environment_schema, read_environment
from gateway.lossless import Json

DEFAULT_URL: Final = "sqlite:///var/gateway.db"
_SCHEMES: Final = ("sqlite:///", "postgresql://")


class _StorageUrl:
    """The address of a database; a secret, as it may hold a password."""

    expected = "the address of a database"

    def read(self, node: Node, context: Context) -> Secret | Bad:
        if isinstance(node, source.Mapping):
            text = read_environment(node, context)
        else:
            scalar = read_text(node, f"{self.expected} or {{env: NAME}}", context)
            text = BAD if scalar is BAD else scalar.text
        if text is BAD:
            return BAD
        if text == STAND_IN:
            return Secret(DEFAULT_URL)
        if not text.startswith(_SCHEMES) or text in _SCHEMES:
            context.problems.error(
                "bad-value",
                "This is no address of a database that the gateway can use.",  # not quoted
                node.place,
                f"Type it as in `{DEFAULT_URL}` or `postgresql://user:password@host/name`.",
            )
            return BAD
        return Secret(text)

    def json_schema(self) -> dict[str, Json]:
        return {"anyOf": [{"type": "string"}, environment_schema()]}


@record
class StorageSpec(Located):
    """The database for what must outlive the gateway: orders, and refresh tokens that change."""

    url: Secret = entry(
        _StorageUrl(),
        "SQLite, its path from the folder of gateway.yaml (`sqlite:////` for an absolute one), or "
        "PostgreSQL. Made where there is none yet; opened only where something needs it.",
        default=Secret(DEFAULT_URL),
        example="{env: GATEWAY_STORAGE}",
    )
    keep: Duration = entry(
        DURATION,
        "How long after an order has ended its payloads are kept: what came, what was sent, what "
        "was answered. Personal data go with them.",
        default=parse_duration("30d"),
    )
    keep_outcomes: Duration = entry(
        DURATION,
        "How long after an order has ended it is known what became of it, and its key: a repeat "
        "that comes later is a new order.",
        default=parse_duration("365d"),
    )


def _check_order(storage: StorageSpec, context: Context) -> None:
    if storage.keep_outcomes < storage.keep:
        context.problems.error(
            "bad-value",
            "What became of an order is to go before its payloads do.",
            storage.value_place("keep_outcomes"),
            "Keep outcomes at least as long as payloads: `keep_outcomes` is 365d unless set.",
        )


STORAGE_BLOCK = Record(StorageSpec, "`storage`", _check_order)
