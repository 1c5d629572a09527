"""What comes of `gateway test --generate`: what was replied how often, and counterexamples."""

from __future__ import annotations

import sys
from itertools import count

import click

from gateway.cli.show import printable
from gateway.lossless import Json, loads
from gateway.testing.files import Suite
from gateway.testing.generate.trial import Counterexample, Trial
from gateway.testing.generate.vendors import Said
from gateway.testing.golden import expectation
from gateway.testing.junit import Proved
from gateway.testing.suite_text import Unwritable, case_text, with_case

_PROOF = "--generate"


def show_trial(trial: Trial, *, write: bool) -> Proved:
    """Print what came of one mapping, and write a counterexample where it is asked for."""
    found, suite = trial.counterexample, trial.suite
    if found is None and not trial.replies:
        nothing = "nothing could be made that fits its schemas"
        click.echo(printable(f"{suite.plan.mapping}: {nothing}"))
        return Proved(suite, _PROOF, (nothing,))
    if found is None:
        counted = ", ".join(f"{reply} {times}" for reply, times in trial.replies.most_common())
        said = f"{trial.replies.total()} exchanges, all as they must be: {counted}"
        click.echo(printable(f"{suite.plan.mapping}: {said}"))
        return Proved(suite, _PROOF, ())
    click.echo(printable(f"{suite.plan.mapping}: a counterexample"))
    for told in found.told:
        click.echo(printable(f"  {told}"))
    case = _case(found, suite)
    text = case_text(case)
    click.echo(printable(text))
    if write:
        _write(case, suite)
    else:
        click.echo(printable(f"With --write it is added to {suite.file}.\n"))
    return Proved(suite, _PROOF, (*found.told, *text.splitlines()))


def _case(found: Counterexample, suite: Suite) -> dict[str, Json]:
    """Give it as a case that expects what comes back now."""
    case = found.case
    said = {key: case.node.get(key) is not None for key in ("received_at", "exchange_id")}
    draft: dict[str, Json] = {
        "name": _name(suite),
        "settings": {name: plain.value for name, plain in case.settings.items()},
        "receive": case.receive.value,
        "received_at": case.received_at.text if said["received_at"] else None,
        "exchange_id": case.exchange_id.text if said["exchange_id"] else None,
        "vendor": [_exchange(each) for each in found.said],
        "reply": {"status": found.reply.status, "body": found.reply.body},
    }
    return {key: value for key, value in draft.items() if value not in (None, {}, [])}


def _exchange(said: Said) -> Json:
    answer: dict[str, Json] = {"status": said.answer.status}
    if said.answer.body:
        answer["body"] = loads(said.answer.body)
    return {"expect": expectation(said.heard, said.heard.request.headers), "answer": answer}


def _name(suite: Suite) -> str:
    """Give a name that no case of the file has."""
    taken = {case.name.text for case in suite.cases}
    names = (
        "a counterexample" if number == 1 else f"a counterexample, {number}" for number in count(1)
    )
    return next(name for name in names if name not in taken)


def _write(case: dict[str, Json], suite: Suite) -> None:
    text = suite.path.read_text() if suite.path.exists() else ""
    try:
        suite.path.write_text(with_case(text, case))
    except Unwritable as error:
        click.echo(printable(f"It can't be added to {suite.file}: {error}."), err=True)
        sys.exit(1)
    told = "Its reply is what comes back now: correct it to what must come back."
    click.echo(printable(f"Added to {suite.file}. {told}\n"))
