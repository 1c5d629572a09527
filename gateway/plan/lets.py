"""Named values: found out what they mean, compiled, computed when first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gateway.config.call_spec import CallSpec
from gateway.config.computed import Tree
from gateway.config.mapping_spec import MappingSpec
from gateway.config.problems import Problems
from gateway.expressions.frame import Frame
from gateway.expressions.types.model import UNKNOWN
from gateway.expressions.why import why_null
from gateway.plan.builder import Builder
from gateway.plan.grow import Grower
from gateway.plan.names import LATER, SETTINGS, Meaning, Names, joined
from gateway.plan.shape import type_of
from gateway.plan.tree import Branch, Leaf

Lets = Mapping[str, Callable[[Frame], object]]


@dataclass(frozen=True, slots=True)
class Bound:
    """The named values of a place, and the names with them."""

    lets: Lets
    names: Names


def bind(builder: Builder, spec: MappingSpec | CallSpec, names: Names) -> Bound:
    """Compile a `let` block. Names may refer to each other in any order, but not in a circle."""
    specs = spec.let
    taken = names.adding(dict.fromkeys(LATER, SETTINGS))
    builder.refuse_shadowing(taken, ((name, spec.inner_place("let", name)) for name in specs))
    provisional = names.adding(dict.fromkeys(specs, SETTINGS))
    found = {name: _uses(builder, tree, provisional) for name, tree in specs.items()}
    meanings: dict[str, Meaning] = {}
    told: set[str] = set()
    for name in specs:
        circle = _circle(name, found)
        if circle and told.isdisjoint(circle):
            told.update(circle)
            builder.problems.error(
                "let-circle",
                f"`{name}` needs itself: {' → '.join(circle)}.",
                spec.inner_place("let", name),
                "Break the circle: a value can't be made from itself.",
            )
        meanings[name] = _resolve(name, found)
    full = names.adding(meanings)
    lets: dict[str, Callable[[Frame], object]] = {}
    for name in _in_order(found):
        branch = Grower(builder, full).grow(specs[name].node)
        if branch is not None:
            lets[name] = Named(branch)
            type_ = UNKNOWN if name in told else type_of(branch)
            full = full.adding({name: meanings[name].typed(type_)})
    return Bound(lets, full)


@dataclass(frozen=True, slots=True)
class _Uses:
    roots: frozenset[str]
    meaning: Meaning


def _uses(builder: Builder, tree: Tree, names: Names) -> _Uses:
    """Compile for the roots only; problems are reported when it is compiled for good."""
    scout = replace(builder, problems=Problems(), programs=[])
    Grower(scout, names).grow(tree.node)
    roots = frozenset(root for program in scout.programs for root in program.roots)
    return _Uses(roots, names.meaning(scout.programs))


def _closure(name: str, found: Mapping[str, _Uses]) -> set[str]:
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        for root in found[waiting.pop()].roots & set(found):
            if root not in reached:
                reached.add(root)
                waiting.append(root)
    return reached


def _circle(name: str, found: Mapping[str, _Uses]) -> list[str]:
    """Give the way from a name back to itself, or nothing."""
    ways = [[name]]
    seen = {name}
    while ways:
        way = ways.pop(0)
        for root in sorted(found[way[-1]].roots & set(found)):
            if root == name:
                return [*way, name]
            if root not in seen:
                seen.add(root)
                ways.append([*way, root])
    return []


def _resolve(name: str, found: Mapping[str, _Uses]) -> Meaning:
    meanings = [found[part].meaning for part in {name, *_closure(name, found)}]
    bases = frozenset().union(*(meaning.bases or () for meaning in meanings)) - set(found)
    return joined(meanings, bases)


def _in_order(found: Mapping[str, _Uses]) -> list[str]:
    """Order names so that each stands after those that it is made from, as far as that goes."""
    ordered: dict[str, None] = {}
    for name in found:
        for part in sorted(_closure(name, found), key=lambda each: len(_closure(each, found))):
            ordered.setdefault(part)
        ordered.setdefault(name)
    return list(ordered)


@dataclass(frozen=True, slots=True)
class Named:
    """A value of `let`."""

    branch: Branch

    def __call__(self, frame: Frame) -> object:
        return self.branch.render(frame)

    def why(self, frame: Frame) -> str | None:
        """Say where and how it came to be null or an empty list; None where that was meant."""
        if isinstance(self.branch, Leaf):
            return f"{self.branch.blame.where}: {why_null(self.branch.program, frame)}"
        if self.branch.render(frame) is not None:
            return None
        refusal = self.branch.absent(frame)
        return refusal.cause if refusal is not None else None
