"""From a tree's YAML to its branches: directives, optional keys, leaves."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gateway.config import source
from gateway.config.computed import Text
from gateway.config.problems import Place
from gateway.config.source import Node, Scalar, Sequence
from gateway.config.wording import is_blank, start_of
from gateway.expressions.compiler import Program
from gateway.expressions.types.algebra import element_of
from gateway.expressions.types.model import NUMBER, UNKNOWN
from gateway.plan.build_directives import DIRECTIVES, directive, is_directive, misspelt
from gateway.plan.build_files import grow_file, refuse_file
from gateway.plan.builder import Builder
from gateway.plan.fit import check_array
from gateway.plan.missing import Blame
from gateway.plan.names import INDEX, SETTINGS, Meaning, Names
from gateway.plan.shape import type_of
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
    Twig,
    Words,
)

_VARIABLE = re.compile("[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Grower:
    """Makes branches.

    In a `lenient` tree what is null or fails is left out; only one with `files` takes `$file`.
    """

    builder: Builder
    names: Names
    lenient: bool = False
    files: bool = False

    def grow(self, node: Node) -> Branch | None:
        """Make a branch, or report what is wrong and give None."""
        if isinstance(node, Sequence):
            return self._listing(node)
        if isinstance(node, source.Mapping):
            if self._takes_environment(node) or misspelt(node, self.builder.problems):
                return None
            if not is_directive(node):
                return self._block(node)
            directed = self._directive(node)
            return None if directed is None else self._attempt(directed)
        if is_blank(node):
            self.builder.problems.error(
                "wrong-type",
                "A value is expected here, and there is nothing.",
                node.place,
                "Type `null` for null, or \"''\" for an empty text.",
            )
            return None
        if isinstance(node.value, str) or node.surprise:
            program = self.builder.leaf(node, self.names)
            if program is None:
                return None
            return self._attempt(Leaf(program, self._blame(node.place, program)))
        return Constant(node.value)

    def block(self, node: source.Mapping) -> Block | None:
        """Make a block of keys, none of them a directive."""
        if is_directive(node):
            name = next(name for name, _ in node.entries if name.text in DIRECTIVES)
            self.builder.problems.error(
                "unknown-directive",
                f"`{name.text}` can't stand here: this block has fixed keys.",
                name.place,
                f"Put it below one of its keys; for a key of that name type `${name.text}`.",
            )
            return None
        return None if misspelt(node, self.builder.problems) else self._block(node)

    def _block(self, node: source.Mapping) -> Block | None:
        twigs: list[Twig] = []
        complete = True
        seen: dict[str, Scalar] = {}
        for name, child in node.entries:
            key, optional = self._key(name)
            if key in seen:
                self.builder.problems.error(
                    "duplicate-key",
                    f"`{key}` and `{key}?` are the same key.",
                    name.place,
                    "Remove one of the two.",
                )
            seen[key] = name
            branch = self.grow(child)
            if branch is None:
                complete = False
                continue
            on_null = OnNull.OMIT if optional else self._on_null()
            twigs.append(Twig(key, branch, on_null, name.place))
        return Block(tuple(twigs), start_of(node)) if complete else None

    def _takes_environment(self, node: source.Mapping) -> bool:
        """Report `{env: NAME}`, which only gateway.yaml knows."""
        name = node.get("env")
        others = {key.text for key, _ in node.entries} - {"env", "default"}
        if others or not isinstance(name, Scalar) or not _VARIABLE.fullmatch(name.text):
            return False
        self.builder.problems.error(
            "bad-value",
            "A mapping takes nothing from the environment.",
            start_of(node),
            f"Type `settings.NAME` here and `NAME: {{env: {name.text}}}` under `settings:` in "
            "gateway.yaml; a secret belongs to the vendor's `auth:` there.",
        )
        return True

    def _key(self, name: Scalar) -> tuple[str, bool]:
        key = name.text
        if key.startswith("$$"):
            key = key[1:]
        if key.endswith("??"):
            return key[:-1], False
        return (key[:-1], True) if key.endswith("?") else (key, False)

    def _on_null(self) -> OnNull:
        return OnNull.OMIT if self.lenient else OnNull.REFUSE

    def _attempt(self, branch: Branch) -> Branch:
        return Attempt(branch) if self.lenient else branch

    def _listing(self, node: Sequence) -> Branch | None:
        items = [self.grow(item) for item in node.items]
        grown = [item for item in items if item is not None]
        if len(grown) < len(items):
            return None
        return Listing(tuple((item, self._on_null()) for item in grown))

    def _directive(self, node: source.Mapping) -> Branch | None:
        found = directive(node, self.builder.problems)
        if found is None:
            return None
        first, parts = found
        if first == "$file":
            return self._file(parts["$file"], start_of(node))
        makers = {"$each": self._each, "$if": self._if, "$concat": self._concat}
        return makers[first](parts, node.place) if first in makers else self._text(parts["$text"])

    def _each(self, parts: dict[str, Node], place: Place) -> Branch | None:
        name = parts["$as"]
        if not isinstance(name, Scalar) or not name.text.isidentifier():
            self.builder.problems.error(
                "bad-value", "`$as` takes a plain name.", name.place, "Type it as in `$as: line`."
            )
            return None
        self.builder.refuse_shadowing(self.names, [(name.text, name.place)])
        elements, meaning = self._meaning(parts["$each"])
        given = type_of(elements) if elements is not None else UNKNOWN
        check_array(given, "$each", parts["$each"], self.builder.problems)
        each = meaning.typed(element_of(given))
        inner = self.names.adding({name.text: each, INDEX: SETTINGS.typed(NUMBER)})
        body = replace(self, names=inner).grow(parts["$do"])
        if elements is None or body is None:
            return None
        blame = Blame(meaning.origin, place, self.names.scope)
        return Each(elements, name.text, body, self._on_null(), blame)

    def _if(self, parts: dict[str, Node], place: Place) -> Branch | None:
        condition, meaning = self._meaning(parts["$if"])
        then = self.grow(parts["$then"])
        otherwise = self.grow(parts["$else"]) if "$else" in parts else None
        if condition is None or then is None or ("$else" in parts and otherwise is None):
            return None
        return Either(condition, then, otherwise, Blame(meaning.origin, place, self.names.scope))

    def _concat(self, parts: dict[str, Node], place: Place) -> Branch | None:
        before = len(self.builder.programs)
        joined = self._joined(parts["$concat"])
        if joined is None:
            return None
        origin = self.names.meaning(self.builder.programs[before:]).origin
        return Concat(joined, Blame(origin, place, self.names.scope))

    def _joined(self, node: Node) -> tuple[Branch, ...] | Each | None:
        """Make what `$concat` joins: the lists that are written, or those that an `$each` makes."""
        if isinstance(node, source.Mapping) and node.get("$each") is not None:
            each = self._directive(node)
            if not isinstance(each, Each):
                return None
            self._check_list(each.body, "$do of an $each below $concat", node.get("$do") or node)
            return each
        if not isinstance(node, Sequence):
            self.builder.problems.error(
                "wrong-type",
                "`$concat` takes a list of lists.",
                node.place if isinstance(node, Scalar) else start_of(node),
                "Begin each list below it with `- `, or put an `$each` there that makes lists.",
            )
            return None
        grown = [self.grow(item) for item in node.items]
        for item, written in zip(grown, node.items, strict=True):
            self._check_list(item, "Each part of $concat", written)
        made = tuple(item for item in grown if item is not None)
        return made if len(made) == len(grown) else None

    def _check_list(self, branch: Branch | None, what: str, node: Node) -> None:
        if branch is not None:
            check_array(type_of(branch), what, node, self.builder.problems)

    def _text(self, node: Node) -> Branch | None:
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self.builder.problems.error(
                "wrong-type",
                "`$text` takes a text with {expression} inserts.",
                start_of(node) if isinstance(node, source.Mapping) else node.place,
                'Type it as in `$text: "Order {order_key}"`.',
            )
            return None
        template = self.builder.prose(Text(node), self.names)
        if template is None:
            return None
        origin = self.names.meaning(template.inserts).origin
        return Words(template, Blame(origin, node.place, self.names.scope))

    def _file(self, node: Node, place: Place) -> Branch | None:
        if not self.files:
            refuse_file(self.builder, place)
            return None
        return grow_file(self.builder, self.names, node, replace(self, files=False).grow)

    def _meaning(self, node: Node) -> tuple[Branch | None, Meaning]:
        """Make a branch, and tell what the values in it mean."""
        before = len(self.builder.programs)
        branch = self.grow(node)
        return branch, self.names.meaning(self.builder.programs[before:])

    def _blame(self, place: Place, program: Program) -> Blame:
        return Blame(self.names.meaning([program]).origin, place, self.names.scope)
