"""From a request's specification to its plan: path, query, headers, and what it carries."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.call_spec import CallSpec
from gateway.config.computed import Text, Tree
from gateway.config.hiding import is_secret_header
from gateway.config.problems import Place
from gateway.config.request_spec import RequestSpec
from gateway.config.source import Mapping as Keys
from gateway.contracts import Contract
from gateway.expressions.compiler import Program
from gateway.expressions.template import Template
from gateway.plan.build_content import ContentBuilder
from gateway.plan.build_repeat import Repeats
from gateway.plan.builder import Builder
from gateway.plan.grow import Grower
from gateway.plan.missing import Blame
from gateway.plan.names import Names
from gateway.plan.pairs import Pairs
from gateway.plan.request import Path, RequestPlan
from gateway.plan.textual import looks_computed
from gateway.vendors.grammar import header_name


@dataclass(frozen=True, slots=True)
class RequestBuilder:
    """Builds the request of one call."""

    builder: Builder
    contract: Contract
    names: Names
    renewing: bool = False
    """Whether an order that was delivered may be delivered anew."""

    def build(self, call: CallSpec, *, effect: bool) -> RequestPlan | None:
        """Build the request, or report what is wrong and give None."""
        spec = call.request
        before = len(self.builder.programs)
        template = self.builder.template(spec.path, self.names)
        self._check_path(spec.path, template)
        self._check_headers(spec)
        query = self._pairs(spec.query, repeats=True)
        headers = self._pairs(spec.headers, repeats=False)
        contents = ContentBuilder(self.builder, self.names)
        content = contents.build(spec)
        used = tuple(self.builder.programs[before:])
        repeats = Repeats(self.builder, self.contract, self.names, self.renewing)
        repeat = repeats.build(call, used, effect=effect)
        if template is None or (content is None and contents.wanted(spec)):
            return None
        path = Path(template, self._blame(spec.path.scalar.place, *template.inserts))
        accept = "*/*" if call.response.as_ in {"text", "bytes"} else None
        return RequestPlan(
            spec.verb,
            path,
            query,
            headers,
            accept,
            content,
            effect,
            repeat,
            call.retry,
            call.timeout,
        )

    def _check_path(self, path: Text, template: Template | None) -> None:
        parts = template.parts if template is not None else ()
        fixed = "".join(part for part in parts if isinstance(part, str))
        if any(isinstance(part, str) and part.endswith("$") for part in parts[:-1]):
            self.builder.problems.error(
                "bad-value",
                "A `$` before an insert would stay in the path.",
                path.scalar.place,
                "Type the braces alone, as in `/orders/{order_key}`.",
            )
        if not path.text.startswith("/") or any(mark in fixed for mark in "?# "):
            advice = "A path starts with `/`; what follows `?` goes under `query:`."
            if looks_computed(path.text, self.names.scope):
                advice = f"An expression stands in braces: /…/{{{path.text}}}."
            self.builder.problems.error(
                "bad-value", f"`{path.text}` is no path.", path.scalar.place, advice
            )

    def _check_headers(self, spec: RequestSpec) -> None:
        node = spec.headers.node if spec.headers else None
        seen: dict[str, str] = {}
        for name, value in node.entries if isinstance(node, Keys) else ():
            plain = name.text.removesuffix("?")
            other = seen.setdefault(plain.lower(), plain)
            if is_secret_header(plain):
                self.builder.problems.secret_literal(
                    value.place,
                    "Give the vendor an `auth:` in gateway.yaml; it writes this header.",
                )
            elif header_name(plain) is None:
                self.builder.problems.error(
                    "bad-value",
                    f"`{name.text}` is no name of a header that a mapping can set.",
                    name.place,
                    "Headers' names have letters, digits and `-`; "
                    "those of the message itself, such as Content-Length, are set already.",
                )
            elif other != plain:
                self.builder.problems.error(
                    "duplicate-key",
                    f"`{other}` and `{plain}` are the same header.",
                    name.place,
                    "Remove one of the two.",
                )
            elif plain.lower() == "content-type" and (spec.form or spec.multipart):
                self.builder.problems.error(
                    "conflicting-keys",
                    f"`{'form' if spec.form else 'multipart'}` sets `{plain}` itself.",
                    name.place,
                    "Leave this header out.",
                )

    def _pairs(self, tree: Tree | None, *, repeats: bool) -> Pairs | None:
        if tree is None or not isinstance(tree.node, Keys):
            return None
        before = len(self.builder.programs)
        block = Grower(self.builder, self.names).block(tree.node)
        if block is None:
            return None
        blame = self._blame(tree.node.place, *self.builder.programs[before:])
        return Pairs(block, blame, repeats)

    def _blame(self, place: Place, *programs: Program) -> Blame:
        return Blame(self.names.meaning(programs).origin, place, self.names.scope)
