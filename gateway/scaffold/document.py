"""An OpenAPI 3 document: read from JSON or YAML, its references followed; nothing is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import yaml

from gateway.config.scalars import resolve
from gateway.errors import GatewayError
from gateway.lossless import BadJson, Json, loads

if TYPE_CHECKING:
    from pathlib import Path

_DEPTH = 200
_MOST_HOPS = 50


class Unusable(GatewayError):
    """What can't be scaffolded from; `str()` says why and names the way out."""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole OpenAPI document; `name` is how messages call it."""

    name: str
    root: dict[str, Json]

    @property
    def nullable(self) -> bool:
        """Whether it is of 3.0, where `nullable` and boolean `exclusiveMinimum` mean something."""
        return str(self.root["openapi"]).startswith("3.0")

    def lookup(self, reference: str) -> Json:
        """Give what a `$ref` leads to. Raises Unusable where that isn't in this document."""
        if not reference.startswith("#"):
            raise Unusable(
                f"{self.name} refers to another file, `{reference}`: bundle it into one file first."
            )
        value: Json = self.root
        for step in reference.removeprefix("#").split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            else:
                raise Unusable(f"`{reference}` leads nowhere in {self.name}.")
        return value

    def follow(self, value: Json) -> dict[str, Json]:
        """Give an object itself where it may be a reference; an empty one for anything else."""
        for _ in range(_MOST_HOPS):
            reference = value.get("$ref") if isinstance(value, dict) else None
            if not isinstance(reference, str):
                break
            value = self.lookup(reference)
        return block(value)


def block(value: Json) -> dict[str, Json]:
    """Give an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Json]:
    """Give a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def read_document(path: Path) -> Document:
    """Read an OpenAPI 3 file. Raises Unusable for anything else."""
    name = path.name
    try:
        data = path.read_bytes()
        root = loads(data, max_depth=_DEPTH) if data.lstrip()[:1] == b"{" else _yaml(data)
    except OSError as error:
        raise Unusable(f"{path} can't be read: {error.strerror}.") from error
    except BadJson as error:
        raise Unusable(f"{name} is no acceptable JSON: {error}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(f"{name} is neither JSON nor YAML.") from error
    if not isinstance(root, dict) or not str(root.get("openapi", "")).startswith("3."):
        said = (
            " It is Swagger 2: convert it to OpenAPI 3 first." if "swagger" in block(root) else ""
        )
        raise Unusable(f"{name} doesn't begin with `openapi: 3.…`.{said}")
    return Document(name, root)


def _yaml(data: bytes) -> Json:
    node = yaml.compose(data.decode(), Loader=yaml.CSafeLoader)
    return _value(node, ())


def _value(node: yaml.Node | None, above: tuple[yaml.Node, ...]) -> Json:
    """Give a node's value as YAML 1.2 has it; keys are text, as in JSON."""
    if node is None or node in above:
        return None
    above = (*above, node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, above) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        made: dict[str, Json] = {}
        for key, value in node.value:
            if key.value == "<<":
                made = {**block(_value(value, above)), **made}
            else:
                made[str(key.value)] = _value(value, above)
        return made
    text = str(node.value)
    return text if isinstance(node, yaml.ScalarNode) and node.style else resolve(text)
