"""The type checker finds every ill-typed expression of the corpus and lets every other one pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.expressions.problems import ExpressionProblem

THEMES = sorted(path.stem for path in Path(__file__).parent.glob("*.yaml"))


def _told(problems: list[ExpressionProblem], expression: str) -> str:
    return "; ".join(
        f"{each.code} at `{expression[each.start : each.end]}`: {each.message} {each.advice or ''}"
        for each in problems
    )


@pytest.fixture(scope="session")
def wrong(problems) -> Callable[[object], tuple[list[str], list[str]]]:
    """Give a function: a theme → its misses and its false alarms, in words."""
    known: dict[str, tuple[list[str], list[str]]] = {}

    def judge(theme) -> tuple[list[str], list[str]]:
        if theme.name not in known:
            misses = [
                f"{theme.name}: {case.expression}\n  wanted {', '.join(case.codes)} at "
                f"`{case.expression[case.start : case.end]}` {case.advice}\n"
                f"  got {_told(found, case.expression) or 'nothing'}"
                for case in theme.ill
                if not _found(case, found := problems(case.expression, theme.scope))
            ]
            alarms = [
                f"{theme.name}: {expression}\n  got {_told(found, expression)}"
                for expression in theme.well
                if (found := problems(expression, theme.scope))
            ]
            known[theme.name] = misses, alarms
        return known[theme.name]

    return judge


def _found(case, problems: list[ExpressionProblem]) -> bool:
    code = case.codes[0]
    here = [
        each
        for each in problems
        if (each.code, each.start, each.end) == (code, case.start, case.end)
    ]
    return (
        sorted(each.code for each in problems) == sorted(case.codes)
        and bool(here)
        and case.advice in (here[0].advice or "")
    )


@pytest.mark.parametrize("name", THEMES)
def test_each_ill_typed_expression_is_reported_where_it_is_wrong_and_no_other(
    name: str, corpus, wrong
) -> None:
    (theme,) = (theme for theme in corpus if theme.name == name)
    misses, alarms = wrong(theme)
    assert not misses, "\n".join(misses)
    assert not alarms, "\n".join(alarms)


def test_both_error_rates_of_the_whole_corpus_are_zero(corpus, wrong, tell_rates) -> None:
    misses = sum(len(wrong(theme)[0]) for theme in corpus)
    alarms = sum(len(wrong(theme)[1]) for theme in corpus)
    ill = sum(len(theme.ill) for theme in corpus)
    well = sum(len(theme.well) for theme in corpus)
    tell_rates(
        f"misses: {misses} of {ill} ill-typed expressions ({misses / ill:.1%}), "
        f"false alarms: {alarms} of {well} well-typed ({alarms / well:.1%})"
    )
    assert (misses, alarms) == (0, 0)


def test_the_corpus_is_large_and_repeats_nothing(corpus) -> None:
    well = [expression for theme in corpus for expression in theme.well]
    ill = [case.expression for theme in corpus for case in theme.ill]
    assert len(well) >= 300
    assert len(ill) >= 300
    assert len({*well, *ill}) == len(well) + len(ill)
