"""Writes what the code can say about itself: docs/reference/, docs/errors/, schemas/gateway/.

Run it with `make docs`; a test fails when a file differs from what this would write.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from gateway.cli import main as command_line
from gateway.config.codes import CODES, Code
from gateway.config.editor import editor_schemas, schema_text
from gateway.config.formats import SIZE
from gateway.config.kinds import Word
from gateway.config.mapping_spec import MAPPING_FILE
from gateway.config.records import KeyInfo, Record, keys_of
from gateway.config.resilience_spec import PERCENT
from gateway.config.spec import GATEWAY_FILE
from gateway.config.units import Duration, DurationRange
from gateway.contracts import CONTRACTS
from gateway.errors import REASONS
from gateway.expressions.functions import FUNCTIONS
from gateway.expressions.signature import Function
from gateway.lossless import dumps
from gateway.plan.faults import FAULTS, IN_DOUBT, NO, NONSENSE, STATUSES, Trouble, Verdict
from gateway.telemetry.metric_table import METRICS
from gateway.testing.case_spec import TESTS_FILE

AnyRecord = Record[Any]  # of one class or another

_ROOT = Path(__file__).parents[1]
_CASES = _ROOT / "tests" / "bad_mappings"
_MADE = "<!-- Made by scripts/reference.py from the code: change it there. -->\n\n"


_ENVELOPE = """
## What comes in

A checkout has its lines under `items` or `order_items`, an order under `order_items`, a multi-order
under `orders[].order_items`. A line needs `product_id` and `variant_id`, both text, and `quantity`,
a whole number. Everything else may be missing, and what is there has the types of
[the schemas](../../schemas/nacelle/); unknown fields go through unchanged. The body may come bare
or wrapped, `{"checkout": {…}}`.

An order needs an id that tells it from others: the first that is found on the paths of
`nacelle.order_key`. `id: 0` and blanks are none.

## What goes back

- done: `{"checkout": {…}}` or `{"order": {…}}`, whole, with the fields that the mapping set
- not done: `{"checkout": {}, "error": {"error": "…", "category": "inventory_service", "details":
  {"reason": "out_of_stock", "exchange_id": "40bdab7b5b527c9e"}}}`, with the statuses and
  [reasons](reasons.md)
"""

_FAULTS = """
## When a vendor gives no answer

What `fault` is in an error rule, and `calls` in the log. Where no rule of the mapping takes it:

| fault | what Nacelle is told | ask again? |
|---|---|---|"""

_ANSWERS = """
## When a vendor's answer is no success

Where no error rule of the mapping takes it. `details.vendor_status` is the vendor's own status.

| the vendor's answer | to a call that reads | ask again? | to an effect | ask again? |
|---|---|---|---|---|"""

_CATEGORIES = """
## Categories

`error.category` is that of the contract, whatever the reason, unless an error rule or `contracts:`
in gateway.yaml sets another; `gateway` under an unknown path.

| contract | category |
|---|---|"""


def files() -> dict[Path, str]:
    """Give every generated file's text by its path from the project's root."""
    made = {Path("schemas/gateway") / name: text for name, text in editor_schemas().items()}
    made[Path("schemas/gateway/test.json")] = schema_text(TESTS_FILE.json_schema())
    reference = Path("docs/reference")
    made[reference / "gateway-file.md"] = _record_page("gateway.yaml", GATEWAY_FILE)
    made[reference / "mapping-file.md"] = _record_page("A mapping file", MAPPING_FILE)
    made[reference / "test-file.md"] = _record_page("A file of tests", TESTS_FILE)
    made[reference / "functions.md"] = _page("Functions", _functions())
    made[reference / "commands.md"] = _page("Commands", _commands())
    made[reference / "contracts.md"] = _page("Contracts", _contracts())
    made[reference / "reasons.md"] = _page("Reasons", _reasons())
    made[reference / "metrics.md"] = _page("Metrics", _metrics())
    errors = Path("docs/errors")
    made[errors / "README.md"] = _page("Problems that validate-config reports", _codes())
    for code in CODES.values():
        made[errors / f"{code.name}.md"] = _page(code.title, _code(code))
    return made


def _page(title: str, lines: Iterator[str]) -> str:
    return f"{_MADE}# {title}\n\n" + "\n".join(lines) + "\n"


def _record_page(title: str, record: AnyRecord) -> str:
    return _page(title, _record(record, "", set()))


def _record(record: AnyRecord, path: str, seen: set[type]) -> Iterator[str]:
    """Describe a record's keys in a table, then the records within it, each once."""
    seen.add(record.cls)
    if path:
        yield f"\n## {path}\n"
    yield f"{(record.cls.__doc__ or '').strip()}\n"
    yield "| key | holds | default | what it is |"
    yield "|---|---|---|---|"
    for info in keys_of(record.cls):
        yield f"| `{info.name}` | {_holds(info)} | {_default(info)} | {info.doc} |"
    for info in keys_of(record.cls):
        for inner, label in _inner(info.kind, f"{path}.{info.name}".lstrip(".")):
            if inner.cls not in seen:
                yield from _record(inner, label, seen)


def _inner(kind: object, label: str) -> Iterator[tuple[AnyRecord, str]]:
    if isinstance(kind, Record):
        yield kind, label
    for part, suffix in (("item", "[]"), ("value", ".NAME")):
        if hasattr(kind, part):
            yield from _inner(getattr(kind, part), label + suffix)
    for tag, variant in getattr(kind, "variants", {}).items():
        yield from _inner(variant, f"{label} (type: {tag})")


def _holds(info: KeyInfo) -> str:
    nested = any(True for _ in _inner(info.kind, ""))
    return (
        "a block, see below"
        if isinstance(info.kind, Record)
        else (f"{info.kind.expected}, see below" if nested else info.kind.expected)
    )


def _default(info: KeyInfo) -> str:
    if info.required:
        return "required"
    value = info.default
    if isinstance(value, frozenset):
        return "`2xx`"
    if isinstance(value, tuple) and value:
        return ", ".join(f"`{item}`" for item in value)
    if isinstance(value, DurationRange):
        return f"`{value.low.milliseconds}ms..{value.high.seconds:g}s`"
    if isinstance(value, Duration):
        days = value.seconds / 86_400
        return f"`{days:.0f}d`" if days >= 1 and days.is_integer() else f"`{value.seconds:g}s`"
    if info.kind is PERCENT:
        return f"`{value}%`"
    if info.kind is SIZE:
        return f"`{value // 1_000_000}MB`" if isinstance(value, int) else ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    value = value.text if isinstance(value, Word) else value
    return f"`{value}`" if isinstance(value, str | int) else ""


def _functions() -> Iterator[str]:
    yield "JMESPath's own functions and those that mappings need besides, in alphabetical order."
    for function in sorted(FUNCTIONS.values(), key=lambda each: each.name):
        yield from _function(function)


def _function(function: Function) -> Iterator[str]:
    names = [parameter.name for parameter in function.parameters]
    if function.variadic:
        names.append("…")
    nulls = {
        "refused": "A null argument is an error.",
        "null": "A null argument gives null.",
        "value": "Null is a value like others.",
    }
    yield f"\n## {function.name}({', '.join(names)}) → {function.returns}\n"
    yield f"{function.doc} {nulls[function.nulls]}\n"
    for parameter in function.parameters:
        yield f"- `{parameter.name}`: {' or '.join(parameter.types)}"
    result = dumps(function.example.result).decode()  # type: ignore[arg-type]  # examples are JSON
    yield f"\n```\n{function.example.expression}  →  {result}\n```"


def _commands() -> Iterator[str]:
    settings = command_line.context_settings
    context = click.Context(command_line, info_name="gateway", **settings)
    yield f"```\n{command_line.get_help(context)}\n```"
    yield from _subcommands(command_line, context)


def _subcommands(group: click.Group, context: click.Context) -> Iterator[str]:
    settings = command_line.context_settings
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        if command is None:
            raise AssertionError(f"{name} is listed, but isn't there")
        inner = click.Context(command, info_name=name, parent=context, **settings)
        yield f"\n## {inner.command_path}\n\n```\n{command.get_help(inner)}\n```"
        if isinstance(command, click.Group):
            yield from _subcommands(command, inner)


def _contracts() -> Iterator[str]:
    yield "What Nacelle calls, each with POST. gateway.yaml can change paths and categories.\n"
    yield "| contract | path | object | effect | a mapping may set | category of errors |"
    yield "|---|---|---|---|---|---|"
    for contract in CONTRACTS.values():
        owned = [f"`lines[].{name}`" for name in sorted(contract.line_fields)]
        owned += [f"`{name}`" for name in sorted(contract.fields)]
        yield (
            f"| `{contract.name}` | `{contract.path}` | {contract.object} | "
            f"{'yes' if contract.effect else 'no'} | {', '.join(owned) or 'nothing'} | "
            f"`{contract.category}` |"
        )
    yield from _ENVELOPE.splitlines()


def _reasons() -> Iterator[str]:
    yield "`error.details.reason` of every error envelope: stable, for programs to decide on. An"
    yield "error rule of a mapping may give another status to `refused` and `vendor_error`.\n"
    yield "| reason | status | what it says | ask again? |"
    yield "|---|---|---|---|"
    for reason, (status, says, repeat) in REASONS.items():
        yield f"| `{reason}` | {status} | {says} | {repeat} |"
    yield from _FAULTS.splitlines()
    for kind, trouble in FAULTS.items():
        yield f"| `{kind}` | {_told(trouble)} | {_repeat(trouble)} |"
    yield f"| any, to an effect that may have been sent | {_told(IN_DOUBT)} | {_repeat(IN_DOUBT)} |"
    yield from _ANSWERS.splitlines()
    rows = [(said.name, said.verdict) for said in STATUSES]
    rows += [
        ("a success, but `succeeds` isn't true", NO),
        ("a success that can't be read", NONSENSE),
    ]
    yield from (_verdict(name, verdict) for name, verdict in rows)
    yield from _CATEGORIES.splitlines()
    yield from (f"| `{each.name}` | `{each.category}` |" for each in CONTRACTS.values())


def _verdict(name: str, verdict: Verdict) -> str:
    read, effect = verdict.read, verdict.effect
    return f"| {name} | {_told(read)} | {_repeat(read)} | {_told(effect)} | {_repeat(effect)} |"


def _told(trouble: Trouble) -> str:
    return f"{REASONS[trouble.reason][0]} `{trouble.reason}`"


def _repeat(trouble: Trouble) -> str:
    return trouble.repeat or REASONS[trouble.reason][2]


def _metrics() -> Iterator[str]:
    yield "What `/metrics` shows where gateway.yaml has `metrics: {port: 9090}`. Values of labels"
    yield "come from the configuration and the code, never from data. What to be woken for is in"
    yield "[operations](../operations.md#metrics).\n"
    yield "| metric | type | labels | what it is | what to look for |"
    yield "|---|---|---|---|---|"
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        yield f"| `{metric.name}` | {metric.type} | {labels} | {metric.meaning} | {metric.look} |"


def _codes() -> Iterator[str]:
    yield "| code | what it is about |"
    yield "|---|---|"
    for code in sorted(CODES.values(), key=lambda each: each.name):
        yield f"| [`{code.name}`]({code.name}.md) | {code.title} |"


def _code(code: Code) -> Iterator[str]:
    yield f"`{code.name}`\n\n{code.why} {code.fix}"
    case = _CASES / f"{code.name}.txt"
    if case.is_file():
        yield f"\n## An example\n\n```\n{case.read_text(encoding='utf-8').rstrip()}\n```"


def main() -> None:
    """Write all files, and remove pages of codes that are gone."""
    made = files()
    for path, text in made.items():
        (_ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (_ROOT / path).write_text(text, encoding="utf-8")
    for folder in ("docs/errors", "docs/reference"):
        for path in (_ROOT / folder).glob("*.md"):
            if path.relative_to(_ROOT) not in made:
                path.unlink()
    sys.stdout.write(json.dumps({"written": len(made)}) + "\n")


if __name__ == "__main__":
    main()
