"""Error rules that no answer can reach: each answer is taken by the first rule that applies."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.config.effect_spec import ErrorSpec
from gateway.config.problems import Problems
from gateway.expressions.types.algebra import falsy, truthy
from gateway.expressions.types.model import Type
from gateway.plan.answer import Rule


def check_reach(
    specs: Sequence[ErrorSpec], rules: Sequence[Rule | None], problems: Problems
) -> None:
    """Report rules that never apply, and those behind one that takes all they would."""
    taken: dict[str, ErrorSpec] = {}
    always: ErrorSpec | None = None
    for spec, rule in zip(specs, rules, strict=True):
        if rule is None:
            continue
        text = " ".join(rule.when.text.split())
        before = always or taken.get(text)
        if not _possible(truthy(rule.when.type)):
            _report(spec, "This is never true: the rule never applies.", problems)
        elif before is not None:
            line = before.when.scalar.place.line
            _report(spec, f"The rule of line {line} takes all of these answers.", problems)
        taken.setdefault(text, spec)
        if not _possible(falsy(rule.when.type)):
            always = always or spec


def _possible(type_: Type) -> bool:
    return type_.unknown or bool(type_.kinds)


def _report(spec: ErrorSpec, message: str, problems: Problems) -> None:
    advice = "Take the rule out, or put it above the one that is in its way."
    problems.error("unreachable-rule", message, spec.when.scalar.place, advice)
