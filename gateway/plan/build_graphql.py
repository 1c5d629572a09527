"""What can be said against a GraphQL operation without the vendor's schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.config.places import place_inside
from gateway.config.problems import Place
from gateway.config.request_spec import GraphqlSpec
from gateway.config.source import Mapping as Keys
from gateway.config.source import Scalar
from gateway.config.wording import suggestion
from gateway.plan.builder import Builder

if TYPE_CHECKING:
    from graphql import DocumentNode, VariableDefinitionNode

_OPERATION = "Type it as in `query Stock($ids: [ID!]!) { stock(ids: $ids) { id } }`."


def check_operation(spec: GraphqlSpec, builder: Builder) -> None:
    """Report a document that can't be read, and variables that don't fit its operation."""
    # Only mappings that speak GraphQL wait until this library is loaded.
    from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse  # noqa: PLC0415

    checker = _Checker(spec, builder)
    try:
        document = parse(spec.query.text)
    except GraphQLSyntaxError as error:
        said = error.message.removeprefix("Syntax Error: ")
        at = next(iter(error.positions or ()), 0)
        checker.report("graphql-syntax", f"This is no GraphQL: {said}", at)
        return
    except RecursionError:
        checker.report("graphql-syntax", "This is nested too deep to be read.", 0)
        return
    operations = [
        each for each in document.definitions if isinstance(each, OperationDefinitionNode)
    ]
    if len(operations) != 1 or operations[0].operation.value == "subscription":
        checker.report("graphql-syntax", "One query or one mutation is expected here.", 0)
        return
    checker.check_variables(operations[0].variable_definitions or (), _used(document))


def _used(document: DocumentNode) -> dict[str, int]:
    """Give where each variable is first used."""
    from graphql import VariableDefinitionNode, VariableNode, Visitor, visit  # noqa: PLC0415

    used: dict[str, int] = {}

    class Uses(Visitor):
        """Notes variables, but not where they are declared."""

        def enter_variable(
            self, node: VariableNode, _key: object, parent: object, *_rest: object
        ) -> None:
            if not isinstance(parent, VariableDefinitionNode):
                used.setdefault(node.name.value, node.loc.start if node.loc else 0)

    visit(document, Uses())
    return used


@dataclass(frozen=True, slots=True)
class _Checker:
    spec: GraphqlSpec
    builder: Builder

    def report(self, code: str, message: str, at: int, advice: str = _OPERATION) -> None:
        """Report a problem at a character of the document."""
        scalar = self.spec.query.scalar
        source = self.builder.sources.get(scalar.place.file)
        place = scalar.place if source is None else place_inside(scalar, at, at + 1, source)
        self.builder.problems.error(code, message, place, advice)

    def check_variables(
        self, declared: tuple[VariableDefinitionNode, ...], used: Mapping[str, int]
    ) -> None:
        """Hold the variables that are declared, used and given against each other."""
        names = [each.variable.name.value for each in declared]
        for name, at in used.items():
            if name not in names:
                message = f"The operation uses `${name}` and doesn't declare it."
                self.report("graphql-variable", message, at, f"Declare it: `(${name}: …)`.")
        given = self._given()
        for each in declared:
            name, at = each.variable.name.value, each.loc.start if each.loc else 0
            needed = each.type.kind == "non_null_type" and each.default_value is None
            if name not in used:
                message = f"The operation declares `${name}` and doesn't use it."
                self.report("graphql-variable", message, at, "Use it, or take it out.")
            elif needed and name not in given:
                message = f"The operation needs `${name}`, and `variables` has none."
                self.report("graphql-variable", message, at, f"Add `{name}: …` to `variables`.")
        for name, place in given.items():
            if name not in names:
                message = f"The operation declares no `${name}`."
                advice = suggestion(name, names) if names else "Leave it out, or declare it."
                self.builder.problems.error("graphql-variable", message, place, advice)

    def _given(self) -> dict[str, Place]:
        tree = self.spec.variables
        entries = tree.node.entries if tree and isinstance(tree.node, Keys) else ()
        return {_plain(name): name.place for name, _ in entries}


def _plain(name: Scalar) -> str:
    return name.text.removesuffix("?")
