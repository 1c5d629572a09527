"""Files in trees: `$file` makes one, and what is bytes goes nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from gateway.errors import Refusal
from gateway.expressions.frame import Frame
from gateway.expressions.values import Bytes
from gateway.lossless import Json
from gateway.plan.missing import Blame
from gateway.plan.tree import Branch, required

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:; ?[\x20-\x7e]+)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart form."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FileBranch:
    """`$file`: a file; null where its content is."""

    content: Branch
    name: Branch
    type: Branch
    blame: Blame

    def render(self, frame: Frame) -> Json:
        content = cast("object", self.content.render(frame))
        if content is None:
            return None
        if isinstance(content, str):
            content = Bytes(content.encode())
        if not isinstance(content, Bytes):
            raise self.blame.unfit("content", "is neither text nor bytes")
        name = required(self.name, frame)
        if not isinstance(name, str) or not name or _CONTROL.search(name):
            raise self.blame.unfit("name", "is no name of a file")
        media_type = required(self.type, frame)
        if not isinstance(media_type, str) or not _MEDIA_TYPE.fullmatch(media_type):
            raise self.blame.unfit("type", "is no media type, such as `application/pdf`")
        # Only a multipart form has a place for one, and it knows them.
        return cast("Json", Upload(name, media_type, content.data))

    def absent(self, frame: Frame) -> Refusal | None:
        return self.content.absent(frame)
