"""From `pages` to the way through them, and what would keep a request from going it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.config.call_spec import CallSpec
from gateway.config.pages_spec import PagesSpec
from gateway.config.problems import Place
from gateway.expressions.compiler import Program
from gateway.expressions.context import is_var, var_name
from gateway.expressions.syntax import Node
from gateway.expressions.types.model import NUMBER, UNKNOWN, closed
from gateway.plan.builder import Builder
from gateway.plan.content import FormContent, GraphqlContent, JsonContent, MultipartContent
from gateway.plan.names import VENDOR, Names
from gateway.plan.pages import ByCount, ByCursor, ByQuery, ByUrl, Pages, Way
from gateway.plan.request import RequestPlan
from gateway.plan.tree import Block, Branch, Leaf, Listing, OnNull, Words

PAGE = "page"
_CURSOR = "page.next"
_EXAMPLES = {"next": "cursor?: page.next", "limit": "offset: page.offset"}


def page_names(spec: PagesSpec | None, names: Names) -> Names:
    """Add what a request sees of the page that it asks for: nothing where a URL says it all."""
    if spec is None or not (fields := _fields(spec)):
        return names
    kinds = {"next": UNKNOWN, "offset": NUMBER, "number": NUMBER}
    page = closed({name: kinds[name] for name in fields})
    return names.adding({PAGE: VENDOR.typed(page)})


def _fields(spec: PagesSpec) -> tuple[str, ...]:
    if spec.next is not None:
        return ("next",)
    return ("offset", "number") if spec.limit is not None else ()


@dataclass(frozen=True, slots=True)
class PagesBuilder:
    """Builds the pages of one call."""

    builder: Builder
    base_url: str

    def build(self, spec: PagesSpec, names: Names, used: Iterable[Program]) -> Pages | None:
        """Build the pages; `used` are the expressions of the request and of the call's `let`."""
        more = self.builder.expression(spec.more, names)
        way = self._way(spec, names, used)
        if way is None or (spec.more is not None and more is None):
            return None
        return Pages(way, more, spec.at_most)

    def _way(self, spec: PagesSpec, names: Names, used: Iterable[Program]) -> Way | None:
        cursor = self.builder.expression(spec.next, names)
        url = self.builder.expression(spec.next_url, names)
        query = self.builder.expression(spec.next_query, names)
        if cursor is not None:
            return ByCursor(cursor)
        if url is not None:
            return ByUrl(url, self.base_url)
        if query is not None:
            return ByQuery(query)
        if spec.limit is None:
            return None
        return ByCount(spec.limit, gaps="offset" in _read(used))

    def check_request(self, spec: CallSpec, request: RequestPlan, used: Iterable[Program]) -> None:
        """Report a request that doesn't say which page it wants, or can't ask for the first."""
        if spec.pages is None:
            return
        fields = _fields(spec.pages)
        if fields and _read(used).isdisjoint(fields):
            key = "next" if spec.pages.next is not None else "limit"
            names = " nor ".join(f"`page.{field}`" for field in fields)
            neither = "neither " if len(fields) > 1 else "no "
            self.builder.problems.error(
                "unused-page",
                f"Each page would be the first again: the request has {neither}{names}.",
                spec.pages.key_place(key),
                f"Add it where the vendor looks for it, as in `{_EXAMPLES[key]}`.",
            )
        if any(_is_cursor(insert) for insert in request.path.template.inserts):
            place = spec.request.path.scalar.place
            self._never(place, "Put it into `query`, under a key with `?`.")
        for tree in _trees(request):
            for place in _demanded(tree, OnNull.REFUSE):
                self._never(place, "End its key with `?`, or guard it: `$if: page.next`.")

    def _never(self, place: Place, advice: str) -> None:
        message = "`page.next` is null for the first page, and here it can't be."
        self.builder.problems.error("first-page", message, place, advice)


def _trees(request: RequestPlan) -> Iterator[Branch]:
    for pairs in (request.query, request.headers):
        if pairs is not None:
            yield pairs.block
    match request.content:
        case JsonContent(document=document):
            yield document
        case FormContent(fields=fields):
            yield fields.block
        case MultipartContent(parts=parts):
            yield parts
        case GraphqlContent(variables=Block() as variables):
            yield variables


def _demanded(branch: Branch, on_null: OnNull) -> Iterator[Place]:
    """Give where a part that can't be null is the cursor itself; what an `$if` guards can."""
    if isinstance(branch, Block):
        for twig in branch.twigs:
            yield from _demanded(twig.branch, twig.on_null)
    elif isinstance(branch, Listing):
        for item, item_on_null in branch.items:
            yield from _demanded(item, item_on_null)
    elif on_null is OnNull.REFUSE and isinstance(branch, Leaf | Words):
        programs = branch.template.inserts if isinstance(branch, Words) else (branch.program,)
        yield from (branch.blame.place for program in programs if _is_cursor(program))


def _is_cursor(program: Program) -> bool:
    return program.text.strip() == _CURSOR


def _read(programs: Iterable[Program]) -> set[str]:
    """Name the fields of `page` that expressions read."""
    return {
        str(node.children[1].value)
        for program in programs
        if PAGE in program.roots
        for node in program.ast.walk()
        if node.kind == "subexpression" and _is_page(node.children[0])
    }


def _is_page(node: Node) -> bool:
    if is_var(node):
        return var_name(node) == PAGE
    return node.kind == "field" and node.value == PAGE
