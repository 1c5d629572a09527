"""Whether a tree can give what a schema asks for, found at load and told where it is written."""

from __future__ import annotations

from gateway.config.problems import Place, Problems
from gateway.config.source import Mapping, Node
from gateway.config.wording import start_of
from gateway.expressions.types.algebra import without_null
from gateway.expressions.types.fit import (
    Misfit,
    misfits,
    missing_keys,
    strange_key,
    wanted_element,
    wanted_field,
)
from gateway.expressions.types.model import Type
from gateway.expressions.types.words import described
from gateway.plan.shape import type_of
from gateway.plan.tree import Attempt, Block, Branch, Concat, Each, Either, Leaf, Listing, Words


def check_fit(branch: Branch, wanted: Type, place: Place, problems: Problems) -> None:
    """Report every part of a tree that can't be what is wanted there; `place` is the tree's."""
    if wanted.unknown:
        return
    if isinstance(branch, Block) and wanted.objects:
        _check_block(branch, wanted, problems)
        return
    parts = _parts(branch, wanted)
    for part, asked in parts:
        check_fit(part, asked, place, problems)
    if not parts:
        where = branch.blame.place if isinstance(branch, Leaf | Words) else place
        for misfit in misfits(type_of(branch), wanted):
            _report(misfit, where, problems)


def _parts(branch: Branch, wanted: Type) -> list[tuple[Branch, Type]]:
    """Give the parts that a branch's value is made of, each with what is wanted of it."""
    match branch:
        case Listing() if wanted.arrays:
            return [(item, wanted_element(wanted)) for item, _ in branch.items]
        case Each() if wanted.arrays:
            return [(branch.body, wanted_element(wanted))]
        case Concat() if wanted.arrays:
            return [(part, wanted) for part in branch.written]
        case Either():
            both = (branch.then, branch.otherwise)
            return [(part, wanted) for part in both if part is not None]
        case Attempt():
            return [(branch.part, wanted)]
        case _:
            return []


def check_fields(
    block: Block, wanted: Type, problems: Problems, apart: frozenset[str] = frozenset()
) -> None:
    """Report fields that are set in an object of the type `wanted`; those `apart` take anything."""
    for twig in block.twigs:
        if twig.key not in apart:
            check_fit(twig.branch, wanted_field(wanted, twig.key), twig.place, problems)


def check_array(given: Type, what: str, node: Node, problems: Problems) -> None:
    """Report what can never be an array, where `what` takes one."""
    there = without_null(given)
    if there.kinds and not there.may_be("array"):
        place = start_of(node) if isinstance(node, Mapping) else node.place
        message = f"{what} takes an array, and this is {described(there)}."
        problems.error("type-mismatch", message, place)


def _check_block(block: Block, wanted: Type, problems: Problems) -> None:
    given = frozenset(twig.key for twig in block.twigs)
    for name in missing_keys(given, wanted):
        message = f"`{name}` is missing: the schema requires it."
        problems.error("missing-property", message, block.place, f"Add `{name}: …`.")
    for twig in block.twigs:
        strange = strange_key(twig.key, given, wanted)
        if strange is not None:
            _report(strange, twig.place, problems)
            continue
        check_fit(twig.branch, wanted_field(wanted, twig.key), twig.place, problems)


def _report(misfit: Misfit, place: Place, problems: Problems) -> None:
    where = f"At `{'.'.join(misfit.path)}`: " if misfit.path else ""
    problems.error(misfit.code, f"{where}{misfit.message}", place, misfit.advice)
