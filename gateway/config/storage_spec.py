"""What gateway.yaml says about the database in which the gateway keeps what must outlive it."""

from __future__ import annotations

from typing import Final

from gateway.config import source
from gateway.config.kinds import BAD, Bad, Context, read_text
from gateway.config.records import Located, entry, record
from gateway.config.secrets import Secret
from gateway.config.source import Node
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
    """The database for what must outlive the gateway, such as refresh tokens that change."""

    url: Secret = entry(
        _StorageUrl(),
        "SQLite, its path from the folder of gateway.yaml (`sqlite:////` for an absolute one), or "
        "PostgreSQL. Made where there is none yet; opened only where something needs it.",
        default=Secret(DEFAULT_URL),
        example="{env: GATEWAY_STORAGE}",
    )
