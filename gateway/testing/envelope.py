"""What every reply must be: the contract's envelope with a reason of the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.config.schemas import Schema
from gateway.errors import REASONS
from gateway.lossless import Json
from gateway.plan.answer import Rule
from gateway.plan.exchange import Plan
from gateway.plan.group import calls_in
from gateway.testing.diff import shown
from gateway.testing.reply import Reply

_OK = 200
_RULED = {"refused", "vendor_error"}
"""The reasons that an error rule's reply has, whatever its status."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The check for one plan's replies."""

    schema: Schema
    plan: Plan

    def breaches(self, reply: Reply) -> list[str]:
        """Say all that is wrong with a reply; nothing where it is as it must be."""
        return list(self._breaches(reply))

    def _breaches(self, reply: Reply) -> Iterator[str]:
        for violation in self.schema.explain(reply.body):
            yield f"reply.body{violation.path}: {violation.message}"
        body = reply.body if isinstance(reply.body, dict) else {}
        name = self.plan.contract.object
        if reply.status == _OK:
            if list(body) != [name]:
                yield f"reply.body: expected the {name} alone, got {shown(list(body))}"
            return
        if body.get(name) != {}:
            yield f"reply.body.{name}: expected {{}} beside an error, got {shown(body.get(name))}"
        calls = [call for step in self.plan.steps for call in calls_in(step)]
        yield from self._of_error(reply, [rule for call in calls for rule in call.judge.rules])

    def _of_error(self, reply: Reply, rules: list[Rule]) -> Iterator[str]:
        if reason_of(reply) == "internal":
            yield f"a bug of the gateway's: {reply.cause}"
        categories = {self.plan.category, *(rule.category for rule in rules if rule.category)}
        category = _error(reply).get("category")
        if category not in categories:
            whose = "neither the contract's nor a rule's"
            yield f"reply.body.error.category: {shown(category)} is {whose}"
        reason = reason_of(reply)
        ruled = {str(rule.status) for rule in rules} if reason in _RULED else set()
        known = [status for name, (status, *_) in REASONS.items() if name == reason]
        if not known:
            yield f"reply.body.error.details.reason: {shown(reason)} is no reason of the table"
        elif str(reply.status) not in ruled.union(known):
            yield f"reply.status: {reply.status} doesn't go with the reason {shown(reason)}"


def reason_of(reply: Reply) -> Json:
    details = _error(reply).get("details")
    return details.get("reason") if isinstance(details, dict) else None


def _error(reply: Reply) -> dict[str, Json]:
    error = reply.body.get("error") if isinstance(reply.body, dict) else None
    return error if isinstance(error, dict) else {}
