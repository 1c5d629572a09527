"""What a mapping file says about the request of a call."""

from __future__ import annotations

from gateway.config.computed import EXPRESSION, TEMPLATE, Text, TextKind, Tree, TreeKind
from gateway.config.kinds import Choice, Context, Word
from gateway.config.records import Located, Record, entry, record
from gateway.config.response_spec import SCHEMA
from gateway.config.wording import start_of

CONTENTS = ("body", "form", "multipart", "text", "graphql")
"""The keys that give a request its body, each another kind."""


@record
class GraphqlSpec(Located):
    """A GraphQL operation."""

    query: Text = entry(
        TextKind("a GraphQL document", computes=False),
        "The document, with one query or mutation; it goes out as it is written.",
        example="'{ shop { name } }'",
    )
    variables: Tree | None = entry(
        TreeKind(block=True), "The values of the operation's variables.", default=None
    )


@record
class RequestSpec(Located):
    """The vendor request."""

    method: str | None = entry(
        Choice(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")),
        "The HTTP method; only a `graphql` request goes without: it is a POST.",
        default=None,
        example="POST",
    )
    path: Text = entry(
        TEMPLATE,
        "The path below the vendor's base_url; inserts are percent-encoded.",
        example="/v1/stock/{settings.acme.warehouse}",
    )
    query: Tree | None = entry(
        TreeKind(block=True), "Query parameters; a list repeats its name.", default=None
    )
    headers: Tree | None = entry(TreeKind(block=True), "Headers of this request.", default=None)
    body: Tree | None = entry(TreeKind(), "The JSON body.", default=None)
    form: Tree | None = entry(
        TreeKind(block=True), "The fields of a form; a list repeats its name.", default=None
    )
    multipart: Tree | None = entry(
        TreeKind(block=True),
        "The parts of a multipart form: fields, and files as `$file`; a list repeats its name.",
        default=None,
    )
    text: Text | None = entry(
        EXPRESSION,
        "The body as text; `text/plain` unless a header says otherwise.",
        default=None,
        example="calls.label.body",
    )
    graphql: GraphqlSpec | None = entry(
        Record(GraphqlSpec, "`graphql`"), "A GraphQL operation.", default=None
    )
    schema: Word | None = entry(
        SCHEMA,
        "The JSON Schema that the JSON body, or the variables of `graphql`, must satisfy.",
        default=None,
    )

    @property
    def verb(self) -> str:
        """The method, given or not."""
        return self.method or "POST"


def check_request(spec: RequestSpec, context: Context) -> None:
    """Report a request without a method, with two bodies, or with a schema for neither."""
    contents = [key for key in CONTENTS if getattr(spec, key) is not None]
    for key in contents[1:]:
        context.problems.error(
            "conflicting-keys",
            f"`{contents[0]}` and `{key}` are two bodies of one request.",
            spec.key_place(key),
            "Keep one of the two.",
        )
    if spec.method is None and spec.graphql is None:
        context.problems.error(
            "missing-key",
            "`method` is missing from `request`.",
            start_of(spec.node),
            "Add `method: POST`.",
        )
    if spec.graphql is not None and spec.verb != "POST":
        context.problems.error(
            "conflicting-keys",
            "GraphQL operations are sent with POST.",
            spec.value_place("method"),
            "Leave `method` out.",
        )
    if spec.schema and spec.body is None and spec.graphql is None:
        context.problems.error(
            "conflicting-keys",
            "`schema` checks JSON, and this request sends none.",
            spec.schema.place,
            "Leave `schema` out.",
        )
