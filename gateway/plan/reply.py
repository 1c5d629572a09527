"""The reply: fields that the contract lets a mapping set, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.schemas import Schema
from gateway.errors import Refusal
from gateway.expressions.values import holds_bytes
from gateway.lossless import Json
from gateway.plan.exchange import Exchange
from gateway.plan.made import broken
from gateway.plan.tree import Block


@dataclass(frozen=True, slots=True)
class ReplyStep:
    """Sets the fields, then checks the whole object against the contract's schema."""

    set: Block | None
    schema: Schema
    name: str = "reply"

    async def run(self, exchange: Exchange) -> None:
        if self.set is not None:
            fields = self.set.render(exchange.frame)
            refuse_bytes(fields)
            exchange.document.update(fields)
        if self.schema.is_valid(exchange.document):
            return
        raise Refusal(
            500,
            "reply_invalid",
            "The reply would break the contract",
            cause=broken(self.schema, exchange.document, self.set, exchange.frame),
        )


def refuse_bytes(fields: dict[str, Json]) -> None:
    """Raise Refusal where bytes would go back to Nacelle."""
    for name, value in fields.items():
        if holds_bytes(value):
            raise Refusal(
                500,
                "reply_invalid",
                "The reply would break the contract",
                cause=f"`{name}` holds bytes; base64_encode() makes text of them",
            )
