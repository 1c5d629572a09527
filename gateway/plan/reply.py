"""The reply: fields that the contract lets a mapping set, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.schemas import Schema
from gateway.errors import Refusal
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
            exchange.document.update(self.set.render(exchange.frame))
        if self.schema.is_valid(exchange.document):
            return
        raise Refusal(
            500,
            "reply_invalid",
            "The reply would break the contract",
            cause=broken(self.schema, exchange.document, self.set, exchange.frame),
        )
