"""What a branch of a tree gives, as far as its expressions tell."""

from __future__ import annotations

from gateway.expressions.types.algebra import element_of, nullable, union, without_null
from gateway.expressions.types.literal import type_of_value
from gateway.expressions.types.model import (
    NULL,
    STRING,
    UNKNOWN,
    Shape,
    Type,
    array_of,
    listing,
    now,
)
from gateway.plan.tree import (
    Attempt,
    Block,
    Branch,
    Concat,
    Constant,
    Each,
    Either,
    Leaf,
    Listing,
    OnNull,
    Words,
)


def type_of(branch: Branch) -> Type:
    """Give a branch's type; null only where it may be null and still be taken."""
    match branch:
        case Constant():
            return type_of_value(branch.value)
        case Leaf():
            return branch.program.type
        case Words():
            may = any(insert.type.nullable for insert in branch.template.inserts)
            return nullable(STRING) if may else STRING
        case Attempt():
            return nullable(type_of(branch.part))
        case Either():
            other = NULL if branch.otherwise is None else type_of(branch.otherwise)
            return union(type_of(branch.then), other)
        case Each():
            made = array_of(without_null(type_of(branch.body)))
            return nullable(made) if type_of(branch.source).nullable else made
        case Concat():
            made = array_of(union(*(element_of(type_of(part)) for part in branch.written)))
            each = branch.joined
            return nullable(made) if isinstance(each, Each) and type_of(each).nullable else made
        case Block() | Listing():
            return _container(branch)
        case _:
            return UNKNOWN


def _container(branch: Block | Listing) -> Type:
    if isinstance(branch, Block):
        fields = {twig.key: now(_kept(twig.branch)) for twig in branch.twigs}
        always = frozenset(twig.key for twig in branch.twigs if twig.on_null is OnNull.REFUSE)
        return Type(objects=(Shape(fields, always),))
    types = [_kept(item) for item, _ in branch.items]
    if any(on_null is OnNull.OMIT for _, on_null in branch.items):
        return array_of(union(*types))
    return listing(types)


def _kept(branch: Branch) -> Type:
    """Give what stands in a container: a null is left out or refused there, unless written."""
    return type_of(branch) if isinstance(branch, Constant) else without_null(type_of(branch))
