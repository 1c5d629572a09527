"""Trees: YAML whose leaves are expressions, made into functions of a frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol, cast

from gateway.config.problems import Place
from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.expressions.template import NullInsert, Template
from gateway.expressions.values import holds_bytes, is_true
from gateway.lossless import Json
from gateway.plan.missing import Blame
from gateway.plan.names import INDEX


class OnNull(Enum):
    """What a container does about a part that is null."""

    REFUSE = "refuse"
    OMIT = "omit"


class Branch(Protocol):
    """Any part of a tree.

    `render` gives its value, `absent` explains why that was null: None where null is meant.
    """

    def render(self, frame: Frame) -> Json: ...

    def absent(self, frame: Frame) -> Refusal | None: ...


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a boolean or null: itself."""

    value: Json

    def render(self, frame: Frame) -> Json:  # noqa: ARG002 - a constant needs no frame
        return self.value

    def absent(self, frame: Frame) -> None:
        """A null that is written down is meant."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """An expression."""

    program: Program
    blame: Blame

    def render(self, frame: Frame) -> Json:
        try:
            return cast("Json", self.program(frame))
        except ExpressionFailed as error:
            raise self.blame.failed(error, frame) from error

    def absent(self, frame: Frame) -> Refusal:
        return self.blame.absent(self.program, frame)


@dataclass(frozen=True, slots=True)
class Words:
    """`$text`: a template; null where an insert is."""

    template: Template
    blame: Blame

    def render(self, frame: Frame) -> Json:
        try:
            text = self.template.render(frame, str)
        except ExpressionFailed as error:
            raise self.blame.failed(error, frame) from error
        return None if isinstance(text, NullInsert) else text

    def absent(self, frame: Frame) -> Refusal:
        gone = self.template.render(frame, str)
        if isinstance(gone, NullInsert):
            return self.blame.absent(gone.insert, frame)
        raise AssertionError("only a null insert makes a text null")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A part that may fail or be no JSON: then it is null."""

    part: Branch

    def render(self, frame: Frame) -> Json:
        try:
            value = self.part.render(frame)
        except Refusal:
            return None
        return None if holds_bytes(value) else value

    def absent(self, frame: Frame) -> Refusal | None:
        return self.part.absent(frame)


@dataclass(frozen=True, slots=True)
class Twig:
    """One key of a block."""

    key: str
    branch: Branch
    on_null: OnNull
    place: Place


@dataclass(frozen=True, slots=True)
class Block:
    """Keys with branches."""

    twigs: tuple[Twig, ...]
    place: Place

    def render(self, frame: Frame) -> dict[str, Json]:
        made: dict[str, Json] = {}
        for twig in self.twigs:
            value = twig.branch.render(frame)
            if value is None and _left_out(twig.branch, twig.on_null, frame):
                continue
            made[twig.key] = value
        return made

    def absent(self, frame: Frame) -> Refusal:
        raise NotImplementedError("a block is never null")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of branches."""

    items: tuple[tuple[Branch, OnNull], ...]

    def render(self, frame: Frame) -> Json:
        made: list[Json] = []
        for branch, on_null in self.items:
            value = branch.render(frame)
            if value is None and _left_out(branch, on_null, frame):
                continue
            made.append(value)
        return made

    def absent(self, frame: Frame) -> Refusal:
        raise NotImplementedError("a list is never null")


@dataclass(frozen=True, slots=True)
class Each:
    """`$each … $as … $do`: one item for each element; `index` counts from 0."""

    source: Branch
    name: str
    body: Branch
    on_null: OnNull
    blame: Blame

    def render(self, frame: Frame) -> Json:
        frames = self.frames(frame)
        if frames is None:
            return None
        made: list[Json] = []
        for inner in frames:
            value = self.body.render(inner)
            if value is None and _left_out(self.body, self.on_null, inner):
                continue
            made.append(value)
        return made

    def frames(self, frame: Frame) -> list[Frame] | None:
        """Give the frame of each element; None where there is no list. Raises Refusal."""
        elements = self.source.render(frame)
        if elements is None:
            return None
        if not isinstance(elements, list):
            raise self.blame.unfit("$each", "is no list")
        return [
            Frame({self.name: element, INDEX: index}, parent=frame)
            for index, element in enumerate(elements)
        ]

    def absent(self, frame: Frame) -> Refusal | None:
        return self.source.absent(frame)


@dataclass(frozen=True, slots=True)
class Either:
    """`$if … $then … $else`: without `$else`, null."""

    condition: Branch
    then: Branch
    otherwise: Branch | None
    blame: Blame

    def render(self, frame: Frame) -> Json:
        chosen = self.chosen(frame)
        return chosen.render(frame) if chosen is not None else None

    def absent(self, frame: Frame) -> Refusal | None:
        chosen = self.chosen(frame)
        if chosen is not None:
            return chosen.absent(frame)
        return self.blame.unfit("$if", "is not true, and there is no $else")

    def chosen(self, frame: Frame) -> Branch | None:
        """Give the branch that the condition chooses; None where there is no `$else`."""
        return self.then if is_true(self.condition.render(frame)) else self.otherwise


@dataclass(frozen=True, slots=True)
class Concat:
    """`$concat`: lists one after another; one that is null adds nothing.

    They are written one by one, or an `$each` makes them: then it is null where that is.
    """

    joined: tuple[Branch, ...] | Each
    blame: Blame

    def render(self, frame: Frame) -> Json:
        parts = self.parts(frame)
        if parts is None:
            return None
        made: list[Json] = []
        for part, inner in parts:
            value = part.render(inner)
            if isinstance(value, list):
                made.extend(value)
            elif value is not None:
                raise self.blame.unfit("$concat", "has a part that is no list")
        return made

    def parts(self, frame: Frame) -> list[tuple[Branch, Frame]] | None:
        """Give what makes each of the lists, with its frame. Raises Refusal."""
        if not isinstance(self.joined, Each):
            return [(part, frame) for part in self.joined]
        frames = self.joined.frames(frame)
        return None if frames is None else [(self.joined.body, inner) for inner in frames]

    @property
    def written(self) -> tuple[Branch, ...]:
        """The branches that make the lists, as they stand in the file."""
        return (self.joined.body,) if isinstance(self.joined, Each) else self.joined

    def absent(self, frame: Frame) -> Refusal | None:
        if isinstance(self.joined, Each):
            return self.joined.absent(frame)
        raise NotImplementedError("a concatenation of lists that are written is never null")


def _left_out(branch: Branch, on_null: OnNull, frame: Frame) -> bool:
    """Say whether a part that is null is left out. Raises Refusal where it has to be there."""
    if on_null is OnNull.OMIT:
        return True
    refusal = branch.absent(frame)
    if refusal is not None:
        raise refusal
    return False


def required(branch: Branch, frame: Frame) -> Json:
    """Render a branch whose value can't be null, unless null is written there."""
    value = branch.render(frame)
    refusal = branch.absent(frame) if value is None else None
    if refusal is not None:
        raise refusal
    return value
