"""The request of a call: fields that are named like something of the checkout come from there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote

from gateway.lossless import Json
from gateway.scaffold.document import Document, block, items
from gateway.scaffold.extract import extract
from gateway.scaffold.ideas import (
    Place,
    ideas,
    key_field,
    means_address,
    means_cursor,
    means_goods,
    means_lines,
    said,
)
from gateway.scaffold.operations import Parameter
from gateway.scaffold.samples import Sampler
from gateway.scaffold.scope import Scope
from gateway.scaffold.shape import Shape
from gateway.scaffold.tree import Block, Listing, Text, Tree, literal, own

LINE = "item"
EXAMPLE = "an example: put yours"
_NEVER_NULL = re.compile(
    r"(to_string\()?(line\.(variant_id|product_id|quantity)|order_key|key|index)\)?"
)
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter with its schema ready to look into."""

    name: str
    place: str
    required: bool
    shape: Shape
    example: Json
    joined: bool

    @classmethod
    def of(cls, document: Document, given: Parameter) -> Param:
        schema = extract(document, given.schema, given.name, "request")
        return cls(
            given.name, given.place, given.required, Shape.of(schema), given.example, given.joined
        )


@dataclass(slots=True)
class Writer:
    """Writes one request, and takes down what the rest of the mapping has to do for it."""

    scope: Scope
    each: str | None
    """The name of an element, where the call is made for each key, or for each line: `item`."""
    batch: bool
    """Whether a list of keys comes from `batch`."""
    pages: bool
    used: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    asks_by: str | None = None
    """The field of lines whose values are asked for as a list."""
    most: int | None = None
    """How many of them the schema takes."""
    turns_pages: bool = False

    def body(self, shape: Shape, example: Json) -> Tree:
        """Give the tree of a JSON body, or of a form."""
        if example is None:
            example = next(iter(items(shape.schema.get("examples"))), None)
        whole = self._list("", shape, example, "top") if shape.has("array") else None
        if whole is not None:
            return whole
        if shape.has("object") and shape.fields:
            return self._block(shape, example, self._top)
        if not shape.kinds:
            return self._use(self.scope.contract.object)
        return literal(Sampler().make(shape, example), EXAMPLE)

    def query(self, params: list[Param]) -> Block | None:
        return self._params([each for each in params if each.place == "query"])

    def headers(self, params: list[Param]) -> Block | None:
        return self._params([each for each in params if each.place == "header"])

    def path(self, path: str, params: list[Param]) -> Text:
        """Give the path's template: inserts where the name says what it is, else examples."""
        known = {each.name: each for each in params if each.place == "path"}
        comments: list[str] = []

        def insert(found: re.Match[str]) -> str:
            name = found[1]
            param = known.get(name)
            shape = param.shape if param else Shape({"type": "string"}, {})
            text = self._recognised(name, shape, self._top)
            if text is not None:
                return f"{{{text.text}}}"
            value = Sampler().make(shape, param.example if param else None, name=name)
            comments.append(f"`{value}` is an example of {name}: put yours")
            return quote(str(value), safe="").replace("{", "{{").replace("}", "}}")

        text = re.sub(r"\{([^{}]+)\}", insert, path)
        return Text(text, "; ".join(comments) or None)

    @property
    def _top(self) -> Place:
        return "line" if self.each == LINE else "top"

    def _params(self, params: list[Param]) -> Block | None:
        made = Block.of(*(found for each in params if (found := self._param(each)) is not None))
        return made if made.entries else None

    def _param(self, param: Param) -> tuple[str, Tree] | None:
        if param.shape.has("string") and not param.shape.has("array"):
            by = key_field(param.name)
            if by is not None and said(param.name).endswith("s") and not self.each:
                return own(param.name), self._keys(by, param.shape, joined=True)
        found = self._entry(
            param.name, param.shape, param.example, self._top, required=param.required
        )
        if found is None or not param.joined or not param.shape.has("array"):
            return found
        key, tree = found
        return key, Text(f"join(',', {tree.text})") if isinstance(tree, Text) else tree

    def _block(self, shape: Shape, example: Json, place: Place, depth: int = 0) -> Block:
        entries: list[tuple[str | None, Tree]] = []
        for name, field_ in shape.fields.items():
            given = _of_element(example, name)
            made = self._entry(
                name, field_, given, place, required=name in shape.required, depth=depth
            )
            if made is not None:
                entries.append(made)
            elif depth == 0:
                self.left_out.append(name)
        return Block(tuple(entries))

    def _entry(
        self,
        name: str,
        shape: Shape,
        example: Json,
        place: Place,
        *,
        required: bool,
        depth: int = 0,
    ) -> tuple[str, Tree] | None:
        """Give a field with its value; None for one that may and should be left out."""
        key = own(name)
        if not required and self.pages and place == "top" and means_cursor(name):
            self.turns_pages = True
            return f"{key}?", Text("page.next", "from the page before; nothing on the first")
        text = self._recognised(name, shape, place)
        if text is not None:
            sure = required or text.text == self.each or _NEVER_NULL.fullmatch(text.text)
            return key if sure else f"{key}?", text
        made = self._list(name, shape, example, place)
        if made is not None:
            return key, made
        wanted = required or example is not None or (means_address(name) and place == "top")
        if wanted and shape.has("object") and shape.fields and depth < _DEEPEST:
            inner: Place = "address" if means_address(name) and place == "top" else place
            made = self._block(shape, example, inner, depth + 1)
            if not required and inner == "address" and _speaks_of(made, "ship."):
                # No address, no block.
                return f"{key}?", Block.of(("$if", self._use("ship")), ("$then", made))
            return (key, made) if required or made.entries else None
        if required or (example is not None and (shape.is_scalar or _is_flat(shape))):
            value = Sampler().make(shape, example, name=name)
            return key, literal(value, EXAMPLE)
        return None

    def _list(self, name: str, shape: Shape, example: Json, place: Place) -> Tree | None:
        """Give a list of keys, or one with an element for each line."""
        element = shape.element
        if element is None or place != "top" or self.each:
            return None
        by = key_field(name)
        if element.is_scalar and by is not None:
            self.most = _whole(shape.schema.get("maxItems"))
            return self._keys(by, element, joined=False)
        if not (means_lines(name) or not name) or not _has_goods(element):
            return None
        made = self._block(element, example, "line", 1)
        return Block.of(("$each", self._use("lines")), ("$as", Text("line")), ("$do", made))

    def _keys(self, by: str, element: Shape, *, joined: bool) -> Text:
        single, number = f"line.{by}", f"to_number(line.{by})"
        text = "keys" if self.batch else f"unique(lines[].{by})"
        if not joined and not self.scope.fits(single, element) and self.scope.fits(number, element):
            text = f"{text}[].to_number(@)"
        self.asks_by = by
        self.used.append(single)
        return Text(f"join(',', {text})" if joined else text)

    def _recognised(self, name: str, shape: Shape, place: Place) -> Text | None:
        if self.each is not None and key_field(name) == self.each:
            return Text(self.each)
        places: tuple[Place, ...] = (place, "top") if self.each == LINE else (place,)
        for there in places:
            for expression in ideas(name, there, self.scope.contract.object):
                if self.scope.fits(expression, shape):
                    return self._use(expression)
        return None

    def _use(self, expression: str) -> Text:
        self.used.append(expression)
        if self.each == LINE:
            return Text(re.sub(r"\bline\.", "item.", expression))
        return Text(expression)


_MOST_SPECIFIC = ("sku", "variant_id", "product_id")


def single_keys(params: list[Param]) -> dict[str, Param]:
    """Find the parameters that make a call one for a single item, by the fields of a line.

    The one that tells most about the line comes first.
    """
    found: dict[str, Param] = {}
    for each in params:
        single = each.shape.is_scalar and not each.shape.has("array")
        by = key_field(each.name) if single else None
        if by is not None and (each.place == "path" or not said(each.name).endswith("s")):
            found.setdefault(by, each)
    return {by: found[by] for by in _MOST_SPECIFIC if by in found}


def _speaks_of(tree: Tree, root: str) -> bool:
    if isinstance(tree, Text):
        return root in tree.text
    if isinstance(tree, Listing):
        return any(_speaks_of(each, root) for each in tree.entries)
    return isinstance(tree, Block) and any(_speaks_of(each, root) for _, each in tree.entries)


def _has_goods(element: Shape) -> bool:
    """Say whether what a list holds are lines: something says what, or how much of it."""
    inner = [*element.fields.items()]
    inner += [each for _, field_ in inner for each in field_.fields.items()]
    return any(means_goods(name) for name, _ in inner)


def _of_element(example: Json, name: str) -> Json:
    """Give a field of an example; of a list, that of the first element that has it."""
    known = [block(each) for each in (items(example) or [example])]
    return next((each[name] for each in known if name in each), None)


def _is_flat(shape: Shape) -> bool:
    return shape.element is not None and shape.element.is_scalar


def _whole(value: Json) -> int | None:
    return value if isinstance(value, int) else None
