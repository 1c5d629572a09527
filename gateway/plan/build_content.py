"""From what a request is said to carry to the maker of its body."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.computed import Text, Tree
from gateway.config.problems import Place
from gateway.config.request_spec import CONTENTS, GraphqlSpec, RequestSpec
from gateway.config.source import Mapping as Keys
from gateway.config.wording import start_of
from gateway.plan.build_directives import is_directive_key
from gateway.plan.build_graphql import check_operation
from gateway.plan.builder import Builder
from gateway.plan.content import (
    Content,
    FormContent,
    GraphqlContent,
    JsonContent,
    MultipartContent,
    TextContent,
)
from gateway.plan.fit import check_fit
from gateway.plan.grow import Grower
from gateway.plan.missing import Blame
from gateway.plan.names import Names
from gateway.plan.pairs import Pairs
from gateway.plan.tree import Block, Leaf


@dataclass(frozen=True, slots=True)
class ContentBuilder:
    """Builds what one request carries."""

    builder: Builder
    names: Names

    def wanted(self, spec: RequestSpec) -> bool:
        return any(getattr(spec, key) is not None for key in CONTENTS)

    def build(self, spec: RequestSpec) -> Content | None:
        """Build the content, or report what is wrong and give None; None too where there is none.

        Where several are given, which is reported, each is built: what is wrong in them is told.
        """
        made = [
            self._json(spec),
            self._form(spec.form),
            self._multipart(spec.multipart),
            self._text(spec.text),
            self._graphql(spec.graphql, spec),
        ]
        return next((content for content in made if content is not None), None)

    def _json(self, spec: RequestSpec) -> Content | None:
        if spec.body is None:
            return None
        document = Grower(self.builder, self.names).grow(spec.body.node)
        schema = self.builder.schema(spec.schema)
        if document is None:
            return None
        wanted = self.builder.type_of(schema)
        check_fit(document, wanted, spec.body.node.place, self.builder.problems)
        return JsonContent(document, schema)

    def _form(self, tree: Tree | None) -> Content | None:
        if tree is None:
            return None
        block, blame = self._fields(tree, files=False)
        return FormContent(Pairs(block, blame, repeats=True)) if block is not None else None

    def _multipart(self, tree: Tree | None) -> Content | None:
        if tree is None:
            return None
        block, blame = self._fields(tree, files=True)
        return MultipartContent(block, blame) if block is not None else None

    def _text(self, text: Text | None) -> Content | None:
        program = self.builder.expression(text, self.names)
        if text is None or program is None:
            return None
        origin = self.names.meaning([program]).origin
        blame = Blame(origin, text.scalar.place, self.names.scope)
        return TextContent(Leaf(program, blame), blame)

    def _graphql(self, spec: GraphqlSpec | None, request: RequestSpec) -> Content | None:
        if spec is None:
            return None
        check_operation(spec, self.builder)
        schema = self.builder.schema(request.schema)
        if spec.variables is None or not isinstance(spec.variables.node, Keys):
            return GraphqlContent(spec.query.text, None, schema)
        block = Grower(self.builder, self.names).block(spec.variables.node)
        if block is None:
            return None
        wanted = self.builder.type_of(schema)
        check_fit(block, wanted, spec.variables.node.place, self.builder.problems)
        return GraphqlContent(spec.query.text, block, schema)

    def _fields(self, tree: Tree, *, files: bool) -> tuple[Block | None, Blame]:
        node = tree.node
        entries = node.entries if isinstance(node, Keys) else ()
        for _, child in entries:
            keys = [key.text for key, _ in child.entries] if isinstance(child, Keys) else []
            if isinstance(child, Keys) and not any(map(is_directive_key, keys)):
                self._refuse_block(start_of(child))
        before = len(self.builder.programs)
        grower = Grower(self.builder, self.names, files=files)
        block = grower.block(node) if isinstance(node, Keys) else None
        origin = self.names.meaning(self.builder.programs[before:]).origin
        return block, Blame(origin, node.place, self.names.scope)

    def _refuse_block(self, place: Place) -> None:
        self.builder.problems.error(
            "wrong-type",
            "A field of a form is a value or a list of them, not a block.",
            place,
            "Give each part a name of its own, or send the block as text: to_string(…).",
        )
