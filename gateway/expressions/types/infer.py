"""The type of an expression, worked out construct by construct; what can't be right is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions.context import is_var, var_name
from gateway.expressions.functions import FUNCTIONS
from gateway.expressions.types import faults
from gateway.expressions.types.algebra import (
    at,
    can_equal,
    element_of,
    falsy,
    field_of,
    nullable,
    truthy,
    union,
    unless_array,
    values_of,
    without_null,
)
from gateway.expressions.types.calls import argument_problems
from gateway.expressions.types.conditions import never_true
from gateway.expressions.types.contradictions import contradictions
from gateway.expressions.types.faults import On
from gateway.expressions.types.literal import type_of_value
from gateway.expressions.types.model import (
    BOOLEAN,
    NULL,
    UNKNOWN,
    Type,
    array_of,
    closed,
    listing,
)
from gateway.expressions.types.results import result_of
from gateway.expressions.types.slips import slipping
from gateway.expressions.types.spans import bracket_of, end_of_bracket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.expressions.problems import ExpressionProblem
    from gateway.expressions.syntax import Node


def infer(
    node: Node, text: str, names: Mapping[str, Type], document: Type | None = None
) -> tuple[Type, list[ExpressionProblem]]:
    """Give the type of an expression of `names`, or of a document, and what is wrong with it."""
    inference = _Inference(text, names)
    type_ = inference.of(node, None if document is None else On(document))
    return type_, inference.problems


class _Inference:
    """One expression. A part's `On` is what it is taken of; None stands for the names."""

    def __init__(self, text: str, names: Mapping[str, Type]) -> None:
        self.problems: list[ExpressionProblem] = []
        self._text = text
        self._names = names
        self._around: list[tuple[Node, On]] = []
        self._leaves_out: set[int] = set()
        self._found: dict[int, Type] = {}
        """What was found, by the identity of the node."""
        self._rules: dict[str, Callable[[Node, On | None], Type]] = {
            "field": self._field,
            "subexpression": self._chain,
            "index_expression": self._chain,
            "pipe": self._chain,
            "index": self._index,
            "slice": self._slice,
            "projection": self._projection,
            "filter_projection": self._projection,
            "value_projection": self._projection,
            "flatten": self._flatten,
            "comparator": self._comparison,
            "or_expression": self._or,
            "and_expression": self._and,
            "not_expression": self._not,
            "multi_select_list": self._select,
            "multi_select_dict": self._select,
            "function_expression": self._call,
        }

    def of(self, node: Node, on: On | None) -> Type:
        """Give the type of a node. What isn't listed is the current value itself."""
        found = self._of(node, on)
        self._found[id(node)] = found
        return found

    def _of(self, node: Node, on: On | None) -> Type:
        if node.kind == "literal":
            return type_of_value(node.value)
        rule = self._rules.get(node.kind)
        if rule is None:
            return on.type if on is not None else UNKNOWN
        return rule(node, on)

    def _on(self, node: Node, on: On | None) -> On:
        """Take a node for what the next part is taken of."""
        type_ = self.of(node, on)
        if node.kind in ("identity", "current"):
            return on or On(type_)
        return On(type_, self._text[node.start : node.end])

    def _field(self, node: Node, on: On | None) -> Type:
        name = cast("str", node.value)
        if on is None:
            return self._names.get(name, UNKNOWN)
        there = without_null(on.type)
        if there.unknown or not there.kinds:
            return UNKNOWN if there.unknown else NULL
        if not there.objects:
            self.problems.append(faults.no_fields(node, on, f".{name}"))
            return UNKNOWN
        found = [field_of(shape, name) for shape in there.objects]
        known = [type_ for type_ in found if type_ is not None]
        if not known:
            self.problems.append(faults.unknown_field(node, on, outer=name in self._names))
            return UNKNOWN
        always = len(known) == len(found) and on.type.kinds == {"object"}
        return union(*known) if always else nullable(union(*known))

    def _chain(self, node: Node, on: On | None) -> Type:
        """Follow `a.b.c`, `a[0]` and `a | b`: each part is taken of the one before."""
        first, *rest = node.children
        current = self._on(first, on)
        around, self._around = self._around, [] if node.kind == "pipe" else self._around
        for part in rest:
            text = self._text[node.start : part.end] if node.kind != "pipe" else current.text
            inner = On(current.type, current.text)
            current = On(self.of(part, inner), text)
        self._around = around
        return current.type

    def _index(self, node: Node, on: On | None) -> Type:
        if on is None:
            return UNKNOWN
        if not self._has_elements(on, node.start, node.end):
            return UNKNOWN
        return at(on.type, cast("int", node.value))

    def _slice(self, node: Node, on: On | None) -> Type:
        if on is None or not self._has_elements(on, node.start, node.end):
            return UNKNOWN
        return unless_array(on.type, array_of(element_of(on.type)))

    def _has_elements(self, on: On, start: int, end: int) -> bool:
        there = without_null(on.type)
        if there.unknown or there.arrays or not there.kinds:
            return True
        bracket = self._text[start:end]
        whole = None
        if self._around and bracket[:2] != "[?":
            projection, _ = self._around[-1]
            whole = self._text[projection.start : start] if start < projection.end else None
        self.problems.append(faults.no_elements(start, end, on, bracket, whole))
        return False

    def _projection(self, node: Node, on: On | None) -> Type:
        """Give an array of what the right side makes of each element, nulls left out."""
        left, right = node.children[:2]
        source = self._on(left, on)
        element, end = self._elements(node, source)
        each = On(element, self._text[node.start : end] if source.text else "")
        if node.kind == "filter_projection":
            self._condition(node.children[2], each)
            each = On(without_null(element) if not element.unknown else element, each.text)
        self._around.append((node, source))
        made = self.of(right, each)
        self._around.pop()
        itself = element.nullable and right.kind == "identity"
        if made.nullable and not made.unknown and not itself:
            self._leaves_out.add(id(node))
        certain = source.type.kinds == {"object" if node.kind == "value_projection" else "array"}
        result = array_of(without_null(made))
        return result if certain and not source.type.unknown else nullable(result)

    def _elements(self, node: Node, source: On) -> tuple[Type, int]:
        """Give the type of what is projected, and where the brackets end."""
        left = node.children[0]
        if node.kind == "value_projection":
            return self._values(node, source), self._text.find("*", left.end) + 1
        sliced = left.kind == "index_expression" and left.children[-1].kind == "slice"
        if node.kind == "projection" and (sliced or left.kind == "flatten"):
            return element_of(source.type), end_of_bracket(left, self._text)
        start, end = bracket_of(node, self._text)
        if not self._has_elements(source, start, end):
            return UNKNOWN, end
        return element_of(source.type), end

    def _values(self, node: Node, source: On) -> Type:
        there = without_null(source.type)
        if there.unknown or not there.kinds:
            return UNKNOWN
        if not there.objects:
            star = self._text.find("*", node.children[0].end)
            problem = faults.no_fields(node, source, ".*")
            self.problems.append(problem.at(star, star + 1))
            return UNKNOWN
        return union(*(values_of(shape) for shape in there.objects))

    def _flatten(self, node: Node, on: On | None) -> Type:
        source = self._on(node.children[0], on)
        if source.type.unknown or not self._has_elements(source, *bracket_of(node, self._text)):
            return UNKNOWN
        element = element_of(source.type)
        if element.unknown:
            return unless_array(source.type, array_of(UNKNOWN))
        kept = Type(element.scalars, (), element.objects)
        flat = union(kept, element_of(Type(arrays=element.arrays)))
        return unless_array(source.type, array_of(flat))

    def _condition(self, node: Node, on: On) -> None:
        before = len(self.problems)
        self.of(node, on)
        if len(self.problems) == before:
            never = never_true(node, lambda part: self._found[id(part)])
            self.problems.extend(faults.never_true(part) for part in never)

    def _comparison(self, node: Node, on: On | None) -> Type:
        left, right = (self._side(child, on) for child in node.children)
        if node.value in ("eq", "ne"):
            if not can_equal(left.type, right.type):
                self.problems.append(faults.never_equal(node, (left, right)))
            return BOOLEAN
        if not any(left.type.may_be(k) and right.type.may_be(k) for k in ("number", "string")):
            self.problems.append(faults.never_ordered(node, left, right))
            return UNKNOWN
        sure = left.type.kinds == right.type.kinds and len(left.type.kinds) == 1
        return BOOLEAN if sure else nullable(BOOLEAN)

    def _side(self, node: Node, on: On | None) -> On:
        return On(self.of(node, on), self._text[node.start : node.end])

    def _or(self, node: Node, on: On | None) -> Type:
        left, right = self._joined(node, on)
        return union(truthy(left), right)

    def _and(self, node: Node, on: On | None) -> Type:
        left, right = self._joined(node, on)
        return union(falsy(left), right)

    def _joined(self, node: Node, on: On | None) -> tuple[Type, Type]:
        before = len(self.problems)
        left, right = (self.of(child, on) for child in node.children)
        if len(self.problems) == before:
            self.problems.extend(contradictions(node, self._text))
        return left, right

    def _not(self, node: Node, on: On | None) -> Type:
        self.of(node.children[0], on)
        return BOOLEAN

    def _select(self, node: Node, on: On | None) -> Type:
        inner = None if on is None else On(without_null(on.type), on.text)
        named = node.kind == "multi_select_dict"
        parts = [child.children[0] if named else child for child in node.children]
        types = [self.of(part, inner) for part in parts]
        found = slipping(parts, self._leaves_out, self._text)
        self.problems.extend(faults.slipping(part, self._text, source) for part, source in found)
        if named:
            keys = [cast("str", child.value) for child in node.children]
            made = closed(dict(zip(keys, types, strict=True)))
        else:
            made = listing(types)
        return nullable(made) if on is not None and on.type.nullable else made

    def _call(self, node: Node, on: On | None) -> Type:
        if is_var(node):
            return self._names.get(var_name(node) or "", UNKNOWN)
        function = FUNCTIONS.get(cast("str", node.value))
        expressions = [child for child in node.children if child.kind == "expref"]
        given = {id(child): self.of(child, on) for child in node.children if child.kind != "expref"}
        each = self._each_of(node, given)
        for child in expressions:
            given[id(child)] = self.of(child.children[0], each)
        types = [given[id(child)] for child in node.children]
        if function is None or not function.takes(len(types)):
            return UNKNOWN
        texts = [self._text[child.start : child.end] for child in node.children]
        problems = argument_problems(function, node.children, list(map(On, types, texts)))
        self.problems.extend(problems)
        return UNKNOWN if problems else result_of(function, types)

    def _each_of(self, call: Node, given: Mapping[int, Type]) -> On:
        """Give what a call's `&expression` is evaluated for: the elements of its array."""
        for child in call.children:
            type_ = given.get(id(child), UNKNOWN)
            if type_.arrays:
                return On(element_of(type_), f"{self._text[child.start : child.end]}[]")
        return On(UNKNOWN)
