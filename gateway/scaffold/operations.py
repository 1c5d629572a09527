"""The operations of an OpenAPI document: what is sent, what is answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gateway.lossless import Json
from gateway.scaffold.document import Document, Unusable, block, items

Way = Literal["json", "form", "multipart", "text", "bytes", "none"]

METHODS = ("get", "head", "post", "put", "patch", "delete")
READS = ("GET", "HEAD")
_PLACES = ("path", "query", "header")
_OURS = {"accept", "content-type", "authorization"}
"""Headers that OpenAPI itself says are no parameters."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A body: how it is written, its schema as OpenAPI has it, and an example of it."""

    way: Way
    schema: Json = None
    example: Json = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; `joined` says that a list is one text, with commas."""

    name: str
    place: str
    required: bool
    schema: Json
    example: Json
    joined: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `id` is its operationId, or method and path where it has none."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    request: Payload | None
    answer: Payload
    status: int
    """That of its answer."""
    error: Payload | None
    security: Json
    """Its requirements, as OpenAPI has them; null where it says nothing."""
    server: str | None

    @property
    def reads(self) -> bool:
        return self.method in READS

    def __str__(self) -> str:
        there = f"{self.method} {self.path}"
        return there if self.id == there else f"{self.id} ({there})"


def operations(document: Document) -> list[Operation]:
    """Give all operations, in the order of the file."""
    return list(_operations(document))


def choose(document: Document, name: str) -> Operation:
    """Find an operation by its operationId, or by `METHOD /path`. Raises Unusable."""
    known = operations(document)
    for operation in known:
        if name in (operation.id, f"{operation.method} {operation.path}"):
            return operation
    listed = "".join(f"\n  {operation}" for operation in known)
    raise Unusable(f"{document.name} has no operation `{name}`. It has:{listed}")


def _operations(document: Document) -> Iterator[Operation]:
    for path, raw in block(document.root.get("paths")).items():
        home = document.follow(raw)
        for method in METHODS:
            if isinstance(home.get(method), dict):
                yield _operation(document, path, method.upper(), home)


def _operation(document: Document, path: str, method: str, home: dict[str, Json]) -> Operation:
    said = block(home[method.lower()])
    answers = block(said.get("responses"))
    # One that has a body tells more than a 204 does.
    good = [*_sorted(answers, "2", full=True), *_sorted(answers, "2", full=False)]
    bad = _sorted(answers, "4", full=True)
    wrong = next((answers[code] for code in [*bad, "default"] if code in answers), None)
    answer = answers[good[0]] if good else answers.get("default")
    servers = [*items(said.get("servers")), *items(home.get("servers"))]
    named = said.get("operationId")
    return Operation(
        id=named if isinstance(named, str) and named else f"{method} {path}",
        method=method,
        path=path,
        parameters=tuple(_parameters(document, said, home)),
        request=_payload(document, said.get("requestBody")),
        answer=_payload(document, answer) or Payload("none"),
        status=int(good[0]) if good and good[0].isdigit() else 200,
        error=_payload(document, wrong),
        security=said.get("security", document.root.get("security")),
        server=_server([*servers, *items(document.root.get("servers"))]),
    )


def _sorted(answers: dict[str, Json], start: str, *, full: bool) -> list[str]:
    """Give the codes of answers that have a body, or of those that haven't."""
    return sorted(
        code
        for code, answer in answers.items()
        if code.startswith(start) and bool({"content", "$ref"} & block(answer).keys()) is full
    )


def _payload(document: Document, raw: Json) -> Payload | None:
    contents = block(document.follow(raw).get("content"))
    if not contents:
        return None
    media, content = min(contents.items(), key=lambda each: _rank(each[0]))
    said = block(content)
    return Payload(_way(media), said.get("schema"), _example(document, said))


_WAYS: tuple[tuple[str, Way], ...] = (
    ("application/x-www-form-urlencoded", "form"),
    ("multipart/", "multipart"),
    ("text/", "text"),
    ("application/xml", "text"),
)


def _way(media: str) -> Way:
    kind = media.partition(";")[0].strip().lower()
    if kind in ("application/json", "*/*") or kind.endswith(("+json", "/json")):
        return "json"
    return next((way for start, way in _WAYS if kind.startswith(start)), "bytes")


def _rank(media: str) -> int:
    return ("json", "form", "text", "multipart", "bytes").index(_way(media))


def _example(document: Document, said: dict[str, Json]) -> Json:
    """Give a body's or a parameter's own example; None where it has none."""
    if "example" in said:
        return said["example"]
    for each in block(said.get("examples")).values():
        found = document.follow(each)
        if "value" in found:
            return found["value"]
    return None


def _parameters(
    document: Document, said: dict[str, Json], home: dict[str, Json]
) -> Iterator[Parameter]:
    found: dict[tuple[str, str], dict[str, Json]] = {}
    for raw in [*items(home.get("parameters")), *items(said.get("parameters"))]:
        each = document.follow(raw)
        found[str(each.get("in")), str(each.get("name"))] = each
    for (place, name), each in found.items():
        if place in _PLACES and not (place == "header" and name.lower() in _OURS):
            yield Parameter(
                name=name,
                place=place,
                required=place == "path" or each.get("required") is True,
                schema=_schema(each),
                example=_example(document, each),
                joined=each.get("explode") is False and place == "query",
            )


def _schema(parameter: dict[str, Json]) -> Json:
    contents = block(parameter.get("content"))
    first = next(iter(contents.values()), None)
    return parameter.get("schema", block(first).get("schema"))


def _server(servers: list[Json]) -> str | None:
    """Give the first server's URL, its variables at their defaults."""
    first = block(servers[0]) if servers else {}
    url = first.get("url")
    if not isinstance(url, str):
        return None
    for name, variable in block(first.get("variables")).items():
        url = url.replace(f"{{{name}}}", str(block(variable).get("default", name)))
    return url
