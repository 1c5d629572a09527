"""From a tree's YAML to its branches: directives, optional keys, leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.config import source
from gateway.config.kinds import suggestion
from gateway.config.mapping_spec import Text
from gateway.config.problems import Place
from gateway.config.source import Node, Scalar, Sequence
from gateway.expressions.compiler import Program
from gateway.plan.builder import Builder
from gateway.plan.missing import Blame
from gateway.plan.names import SETTINGS, Meaning, Names, Origin
from gateway.plan.tree import (
    Block,
    Branch,
    Concat,
    Constant,
    Each,
    Either,
    Leaf,
    Listing,
    OnNull,
    Twig,
    Words,
)

_DIRECTIVES = {
    "$each": ("$each", "$as", "$do"),
    "$if": ("$if", "$then", "$else"),
    "$concat": ("$concat",),
    "$text": ("$text",),
}
_OPTIONAL = {"$else"}


@dataclass(frozen=True, slots=True)
class Grower:
    """Makes branches. In a `lenient` tree what is null or fails is left out."""

    builder: Builder
    names: Names
    lenient: bool = False

    def grow(self, node: Node) -> Branch | None:
        """Make a branch, or report what is wrong and give None."""
        if isinstance(node, Sequence):
            return self._listing(node)
        if isinstance(node, source.Mapping):
            return self._directive(node) if _is_directive(node) else self._block(node)
        if isinstance(node.value, str) or node.surprise:
            program = self.builder.leaf(node, self.names)
            if program is None:
                return None
            return Leaf(program, self._blame(node.place, program), self.lenient)
        return Constant(node.value)

    def block(self, node: source.Mapping) -> Block | None:
        """Make a block of keys, none of them a directive."""
        return self._block(node)

    def _block(self, node: source.Mapping) -> Block | None:
        twigs: list[Twig] = []
        complete = True
        seen: dict[str, Scalar] = {}
        for name, child in node.entries:
            key, optional = self._key(name)
            if key in seen:
                self.builder.problems.error(
                    "duplicate-key", f"`{key}` and `{key}?` are the same key.", name.place
                )
            seen[key] = name
            branch = self.grow(child)
            if branch is None:
                complete = False
                continue
            on_null = OnNull.OMIT if optional else self._on_null(branch)
            twigs.append(Twig(key, branch, on_null))
        return Block(tuple(twigs)) if complete else None

    def _key(self, name: Scalar) -> tuple[str, bool]:
        key = name.text
        if key.startswith("$$"):
            key = key[1:]
        elif key.startswith("$"):
            self.builder.problems.error(
                "unknown-directive",
                f"`{key}` is no directive, or stands where none can.",
                name.place,
                f"{suggestion(key, _DIRECTIVES)} For a key of that name write `${key}`.",
            )
        if key.endswith("??"):
            return key[:-1], False
        return (key[:-1], True) if key.endswith("?") else (key, False)

    def _on_null(self, branch: Branch) -> OnNull:
        if isinstance(branch, Constant):
            return OnNull.KEEP
        return OnNull.OMIT if self.lenient else OnNull.REFUSE

    def _listing(self, node: Sequence) -> Branch | None:
        items = [self.grow(item) for item in node.items]
        grown = [item for item in items if item is not None]
        if len(grown) < len(items):
            return None
        return Listing(tuple((item, self._on_null(item)) for item in grown))

    def _directive(self, node: source.Mapping) -> Branch | None:
        first = next(name.text for name, _ in node.entries if name.text in _DIRECTIVES)
        allowed = _DIRECTIVES[first]
        for name, _ in node.entries:
            if name.text not in allowed:
                self.builder.problems.error(
                    "unknown-key",
                    f"`{name.text}` can't stand beside `{first}`.",
                    name.place,
                    suggestion(name.text, allowed),
                )
        missing = [key for key in allowed if key not in _OPTIONAL and node.get(key) is None]
        for key in missing:
            self.builder.problems.error("missing-key", f"`{first}` needs `{key}`.", node.place)
        if missing:
            return None
        parts = {name.text: child for name, child in node.entries}
        makers = {"$each": self._each, "$if": self._if, "$concat": self._concat}
        return makers[first](parts, node.place) if first in makers else self._text(parts["$text"])

    def _each(self, parts: dict[str, Node], place: Place) -> Branch | None:
        name = parts["$as"]
        if not isinstance(name, Scalar) or not name.text.isidentifier():
            self.builder.problems.error("bad-value", "`$as` takes a plain name.", name.place)
            return None
        self.builder.refuse_shadowing(self.names, [(name.text, name.place)])
        elements, meaning = self._meaning(parts["$each"])
        inner = self.names.adding({name.text: meaning, "index": SETTINGS})
        body = replace(self, names=inner).grow(parts["$do"])
        if elements is None or body is None:
            return None
        blame = Blame(meaning.origin, place, self.names.scope)
        return Each(elements, name.text, body, self._on_null(body), blame)

    def _if(self, parts: dict[str, Node], place: Place) -> Branch | None:
        condition, meaning = self._meaning(parts["$if"])
        then = self.grow(parts["$then"])
        otherwise = self.grow(parts["$else"]) if "$else" in parts else None
        if condition is None or then is None or ("$else" in parts and otherwise is None):
            return None
        return Either(condition, then, otherwise, Blame(meaning.origin, place, self.names.scope))

    def _concat(self, parts: dict[str, Node], place: Place) -> Branch | None:
        node = parts["$concat"]
        if not isinstance(node, Sequence):
            self.builder.problems.error("wrong-type", "`$concat` takes a list.", node.place)
            return None
        grown = [self.grow(item) for item in node.items]
        items = tuple(item for item in grown if item is not None)
        if len(items) < len(grown):
            return None
        return Concat(items, Blame(Origin.CONTRACT, place, self.names.scope))

    def _text(self, node: Node) -> Branch | None:
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self.builder.problems.error("wrong-type", "`$text` takes a text.", node.place)
            return None
        template = self.builder.template(Text(node), self.names)
        if template is None:
            return None
        origin = self.names.meaning(template.inserts).origin
        return Words(template, Blame(origin, node.place, self.names.scope), self.lenient)

    def _meaning(self, node: Node) -> tuple[Branch | None, Meaning]:
        """Make a branch, and tell what the values in it mean."""
        before = len(self.builder.programs)
        branch = self.grow(node)
        return branch, self.names.meaning(self.builder.programs[before:])

    def _blame(self, place: Place, program: Program) -> Blame:
        return Blame(self.names.meaning([program]).origin, place, self.names.scope)


def _is_directive(node: source.Mapping) -> bool:
    return any(name.text in _DIRECTIVES for name, _ in node.entries)
