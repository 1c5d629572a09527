"""What building a plan needs: the files' texts, the schemas, and the list of problems."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from gateway.config.call_spec import CallSpec
from gateway.config.computed import Text
from gateway.config.kinds import Word
from gateway.config.places import place_inside
from gateway.config.problems import Place, Problem, Problems
from gateway.config.repair import quoted
from gateway.config.schemas import Schema, SchemaStore
from gateway.config.source import Scalar, surprise_problem
from gateway.config.text import Sources
from gateway.config.wording import suggestion
from gateway.expressions.compiler import Program, compile_expression
from gateway.expressions.problems import ExpressionProblem, ExpressionProblems
from gateway.expressions.template import Template, compile_template
from gateway.expressions.types.algebra import nullable, without_null
from gateway.expressions.types.fit import misfits
from gateway.expressions.types.model import NULL, STRING, UNKNOWN, Type
from gateway.expressions.types.schema import type_of_schema
from gateway.expressions.types.words import described
from gateway.plan.missing import Blame
from gateway.plan.names import INDEX, Names
from gateway.plan.row_groups import Keyed, plain_path
from gateway.plan.textual import looks_computed

Listen = Callable[[Place], Callable[[object], None]]
"""Is told where an expression stands, and gives what is told of each value that it gives."""

_TYPES: Final[WeakKeyDictionary[Schema, Type]] = WeakKeyDictionary()
"""A schema is read once, however many mappings speak of it."""


@dataclass(slots=True)
class Builder:
    """Compiles the texts of a mapping, and reports what is wrong with them at their characters."""

    problems: Problems
    sources: Sources
    schemas: SchemaStore
    listen: Listen | None = None
    programs: list[Program] = field(default_factory=list)
    """All expressions compiled so far, for checks over a whole request."""

    def expression(self, text: Text | None, names: Names) -> Program | None:
        """Compile an expression, or report its problems and give None."""
        if text is None:
            return None
        try:
            program = compile_expression(text.text, names.scope)
        except ExpressionProblems as error:
            meant = _meant_as_template(text.text, names)
            self._report(text.scalar, [meant] if meant else error.problems)
            return None
        if self.listen is not None:
            program = program.telling(self.listen(text.scalar.place))
        self.programs.append(program)
        return program if self._calls_known(text.scalar, program, names) else None

    def keyed(self, text: Text | None, names: Names, name: str) -> Keyed | None:
        """Compile what gives the key of a row or a line, which it calls by this name."""
        program = self.expression(text, names)
        if text is None or program is None:
            return None
        blame = Blame(names.meaning([program]).origin, text.scalar.place, names.scope)
        path = plain_path(program.ast, name) if self.listen is None else None
        return Keyed(program, blame, name, path)

    def template(self, text: Text, names: Names) -> Template | None:
        """Compile text with inserts, or report its problems and give None."""
        cut = text.scalar.cut
        if cut and not cut[1:2].isspace():
            self.problems.error(
                "yaml-comment",
                f"YAML takes `{cut.split()[0]}` and what follows for a comment: the text ends "
                "before it.",
                text.scalar.place,
                "Put the whole text into double quotes; a comment has a space after its `#`.",
            )
        try:
            template = compile_template(text.text, names.scope)
        except ExpressionProblems as error:
            self._report(text.scalar, error.problems, inserted=True)
            return None
        if self.listen is not None and template.inserts:
            template = template.telling(self.listen(text.scalar.place))
        self.programs.extend(template.inserts)
        known = [self._calls_known(text.scalar, insert, names) for insert in template.inserts]
        return template if all(known) else None

    def prose(self, text: Text, names: Names) -> Template | None:
        """Compile a template that people read; warn of one that was meant to be computed."""
        template = self.template(text, names)
        if template is not None and looks_computed(text.text, names.scope):
            self.problems.warning(
                "template-text",
                f"This shows the text `{text.text}` itself, and no value.",
                text.scalar.place,
                f'For the value type "{{{text.text}}}".',
            )
        return template

    def leaf(self, scalar: Scalar, names: Names) -> Program | None:
        """Compile a tree's leaf that is text."""
        if scalar.surprise:
            self.problems.found.append(surprise_problem(scalar, "leaf"))
            return None
        return self.expression(Text(scalar), names)

    def schema(self, name: Word | None) -> Schema | None:
        """Find a schema by its name, or report that there is none."""
        if name is None:
            return None
        schema = self.schemas.get(name.text)
        if schema is None and name.text not in self.schemas.broken:
            self.problems.error(
                "unknown-schema",
                f"There is no schema `{name.text}`.",
                name.place,
                suggestion(name.text, self.schemas.names()),
            )
        return schema

    def type_of(self, schema: Schema | None) -> Type:
        """Give the type of what a schema describes; without one, nothing is known."""
        if schema is None:
            return UNKNOWN
        if schema not in _TYPES:
            _TYPES[schema] = type_of_schema(schema.document, schema.resolver)
        return _TYPES[schema]

    def body_type(self, call: CallSpec) -> Type:
        """Give the type of a success's body; a schema that isn't there is reported by its call."""
        plain = {"none": NULL, "text": STRING, "bytes": UNKNOWN}
        if call.response.as_ in plain:
            return plain[call.response.as_]
        schema = call.response.schema
        type_ = self.type_of(self.schemas.get(schema.text) if schema else None)
        return nullable(type_) if call.when is not None else type_

    def expect(self, text: Text, program: Program, wanted: Type, what: str) -> None:
        """Report an expression that can never give what is wanted where it stands."""
        for misfit in misfits(program.type, wanted):
            given = described(without_null(program.type))
            self.problems.error(
                "type-mismatch",
                f"{what}, and `{program.text}` is {given}.",
                text.scalar.place,
                misfit.advice,
            )
            return

    def refuse_shadowing(self, names: Names, new: Iterable[tuple[str, Place]]) -> None:
        for name, place in new:
            if name in names.known or name == INDEX:
                self.problems.error(
                    "shadowed-name",
                    f"`{name}` already has a meaning here.",
                    place,
                    f"Choose another name, as in `my_{name}`.",
                )

    def _report(
        self, scalar: Scalar, found: Iterable[ExpressionProblem], *, inserted: bool = False
    ) -> None:
        source = self.sources.get(scalar.place.file)
        for problem in found:
            place = scalar.place
            if source is not None:
                place = place_inside(scalar, problem.start, problem.end, source)
            advice = _about_text(scalar, problem, inserted=inserted) or problem.advice
            self.problems.found.append(Problem(problem.code, problem.message, place, advice))

    def _calls_known(self, scalar: Scalar, program: Program, names: Names) -> bool:
        needs = names.meaning([program]).needs
        for name in sorted(needs - set(names.calls)):
            self.problems.error(
                "unknown-call",
                f"There is no call `{name}`.",
                scalar.place,
                suggestion(name, names.calls),
            )
        for name in sorted((needs & set(names.calls)) - names.answered):
            self.problems.error(
                "call-order",
                f"This needs the answer of the call `{name}`, which isn't there yet.",
                scalar.place,
                "A call uses only the answers of calls that stand above it.",
            )
        return needs <= names.answered


_WORDS = re.compile(r"[\w+][\w ,.:;/+%@#!?-]*", re.ASCII)
_JOINT = re.compile(r"[.\[(]|^[a-z_]+$")


def _about_text(scalar: Scalar, problem: ExpressionProblem, *, inserted: bool) -> str | None:
    """Advise on what YAML or a habit made of a text: cut by a comment, or without its quotes."""
    if inserted and problem.code == "unknown-name" and "For text" in (problem.advice or ""):
        word = scalar.text[problem.start : problem.end]
        return f"For the text itself leave the braces out: {word}."
    if inserted or problem.code != "expression-syntax":
        return None
    if scalar.cut is not None:
        whole = quoted(f"{scalar.text} {scalar.cut}")
        return (
            f"What follows ` #` is a comment to YAML. If it belongs to the value, type {whole}.\n"
            f"{problem.advice or ''}"
        ).strip()
    if _WORDS.fullmatch(scalar.text) and not _JOINT.search(scalar.text):
        if "`)" in (problem.advice or ""):  # arithmetic with a number, and no text
            return None
        literal = quoted(f"'{scalar.text}'")
        return f"For text type {literal}: with both kinds of quotes."
    return None


def _meant_as_template(text: str, names: Names) -> ExpressionProblem | None:
    """Recognise a template where an expression is expected, as in `Order {order_key}`."""
    try:
        template = compile_template(text, names.scope)
    except ExpressionProblems:
        return None
    if not template.inserts:
        return None
    around = "".join(part for part in template.parts if isinstance(part, str))
    alone = len(template.inserts) == 1 and not around.strip(" $")
    advice = (
        f"Leave the braces out: `{template.inserts[0].text.strip()}`."
        if alone
        else f'Make it a template: `{{$text: "{text}"}}`.'
    )
    message = "Braces insert values into a template, and this is an expression."
    return ExpressionProblem("expression-syntax", message, 0, len(text), advice)
