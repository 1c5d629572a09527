"""What gateway.yaml says: its keys, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from gateway.config import source
from gateway.config.hiding import is_secret_header
from gateway.config.kinds import (
    BAD,
    Bad,
    Choice,
    Context,
    Kind,
    Truth,
    Unit,
    Whole,
    Word,
    WordKind,
)
from gateway.config.records import Located, Record, entry, record
from gateway.config.secrets import Secret
from gateway.config.several import ListOf, MapOf, Tagged
from gateway.config.source import Node
from gateway.config.units import Duration, parse_duration, parse_size
from gateway.config.values import (
    ENV_SCHEMA,
    FILE_SCHEMA,
    FileValue,
    PlainPath,
    SecretValue,
    Settings,
    TextValue,
    read_secret,
)
from gateway.contracts import CONTRACTS
from gateway.lossless import Json

DURATION = Unit(parse_duration, "a duration such as `250ms` or `3s`", r"^\d+(ms|s|m|h|d)$")
SIZE = Unit(parse_size, "a size such as `512KB` or `2MB`", r"^\d+(B|[KM]i?B)$")
_CONTRACT_NAMES = tuple(CONTRACTS)


def _check_header(name: str) -> str | None:
    token = name.replace("-", "").replace("_", "")
    good = token.isascii() and token.isalnum()
    return None if good else f"`{name}` is no name of a header: letters, digits, `-` and `_` only"


def _check_path(path: str) -> str | None:
    if path.startswith("/") and not any(mark in path for mark in "{}?# "):
        return None
    return f"`{path}` is no path: it starts with `/` and has no `?`, `#`, braces or spaces"


HEADER = WordKind("the name of a header", _check_header)


@dataclass(frozen=True, slots=True)
class _HeaderText:
    """A header's name as plain text."""

    expected = "the name of a header"

    def read(self, node: Node, context: Context) -> str | Bad:
        word = HEADER.read(node, context)
        return BAD if word is BAD else word.text

    def json_schema(self) -> dict[str, Json]:
        return HEADER.json_schema()


HEADER_TEXT = _HeaderText()


@record
class InboundSecret(Located):
    """A secret that callers use, and what a caller who has it may call."""

    secret: Secret
    contracts: tuple[str, ...] | None = None
    """None: every contract."""


class _InboundSecretKind:
    """A caller's secret, with the contracts that it opens."""

    expected = "{env: NAME} or {file: PATH}, and `contracts` where it opens only some"

    def read(self, node: Node, context: Context) -> InboundSecret | Bad:
        if not isinstance(node, source.Mapping):
            read = SecretValue().read(node, context)
            return BAD if read is BAD else InboundSecret(place=node.place, secret=read)
        names = node.get("contracts")
        contracts = None
        if names is not None:
            kind = ListOf(Choice(_CONTRACT_NAMES), "a list of contracts", least=1)
            contracts = kind.read(names, context)
        rest = tuple(entry for entry in node.entries if entry[0].text != "contracts")
        secret = read_secret(source.Mapping(rest, node.place), context)
        if secret is BAD or contracts is BAD:
            return BAD
        return InboundSecret(place=node.place, secret=secret, contracts=contracts)

    def json_schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "env": ENV_SCHEMA,
                "file": FILE_SCHEMA,
                "contracts": {
                    "description": "What a caller with this secret may call; all when left out.",
                    "type": "array",
                    "items": {"enum": list(_CONTRACT_NAMES)},
                },
            },
        }


_INBOUND_SECRETS = ListOf(_InboundSecretKind(), "a list of secrets", least=1)


@record
class Signature(Located):
    """The signature that Nacelle puts on each request."""

    secrets: tuple[InboundSecret, ...] = entry(
        _INBOUND_SECRETS,
        "Secrets of which any may have signed: list the new one beside the old to rotate.",
        example="[{env: NACELLE_SIGNATURE_SECRET}]",
    )
    header: Word | None = entry(
        HEADER,
        "The header that carries it; x-nacelle-signature-sha256 when left out.",
        default=None,
    )


@record
class SharedSecret(Located):
    """A secret that the caller sends as it is, in a header of its own."""

    header: Word = entry(HEADER, "The header that carries the secret.", example="Secret")
    secrets: tuple[InboundSecret, ...] = entry(
        _INBOUND_SECRETS, "Secrets of which any will do.", example="[{env: NACELLE_SHARED_SECRET}]"
    )


@record
class Nacelle(Located):
    """How Nacelle calls the gateway, and what one request may take."""

    signature: Signature | None = entry(
        Record(Signature, "`signature`"),
        "Requires the HMAC signature over the body.",
        default=None,
    )
    shared_secret: SharedSecret | None = entry(
        Record(SharedSecret, "`shared_secret`"),
        "Requires a shared secret in a header: beside the signature where both are given.",
        default=None,
    )
    deadline: Duration = entry(
        DURATION, "All the time that one request may take.", default=parse_duration("8s")
    )
    max_body: int = entry(SIZE, "The largest body that is read.", default=parse_size("2MB"))
    body_timeout: Duration = entry(
        DURATION, "The time in which a body must have arrived.", default=parse_duration("5s")
    )
    max_in_flight: int = entry(
        Whole(1, 100_000),
        "Requests worked on at once in one process; more are answered with 503.",
        default=256,
    )
    order_key: tuple[str, ...] = entry(
        ListOf(PlainPath(), "a list of dotted paths", least=1),
        "Where an order's id is looked for, in this order; the first one found is `order_key`.",
        default=(
            "id",
            "order_id",
            "external_id",
            "source_external_id",
            "client_data.order_id",
            "metadata.order_id",
        ),
    )


@record
class ContractSettings(Located):
    """What a deployment changes about a contract."""

    path: Word | None = entry(
        WordKind("a path", _check_path), "The path under which Nacelle calls it.", default=None
    )
    category: Word | None = entry(
        WordKind("a category"), "The category of its errors.", default=None
    )


@record
class BearerAuth(Located):
    """`Authorization: Bearer …` with a fixed token."""

    token: Secret = entry(SecretValue(), "The token.", example="{env: VENDOR_TOKEN}")


@record
class BasicAuth(Located):
    """HTTP Basic authentication."""

    user: Secret = entry(SecretValue(), "The user name.", example="{env: VENDOR_USER}")
    password: Secret = entry(SecretValue(), "The password.", example="{env: VENDOR_PASSWORD}")


@record
class ApiKeyAuth(Located):
    """A fixed key, in a header or in the query."""

    key: Secret = entry(SecretValue(), "The key.", example="{env: VENDOR_KEY}")
    header: str | None = entry(
        HEADER_TEXT, "The header that carries it.", default=None, example="X-Api-Key"
    )
    query: str | None = entry(
        TextValue("the name of a query parameter"),
        "The query parameter that carries it, instead of a header.",
        default=None,
    )
    prefix: str | None = entry(
        TextValue("a word"),
        "What stands before the key in the header, as in `Token`.",
        default=None,
    )


Auth = BearerAuth | BasicAuth | ApiKeyAuth


def _check_api_key(auth: ApiKeyAuth, context: Context) -> None:
    if (auth.header is None) == (auth.query is None):
        context.problems.error(
            "missing-key" if auth.header is None else "conflicting-keys",
            "An API key travels either in a header or in the query.",
            auth.key_place("query"),
            "Give one of `header: X-Api-Key` and `query: api_key`.",
        )
    if auth.query is not None and auth.prefix is not None:
        context.problems.error(
            "conflicting-keys",
            "`prefix` belongs to a header, not to the query.",
            auth.key_place("prefix"),
            "Leave it out.",
        )


_AUTHS: dict[str, Kind[Auth]] = {
    "bearer": Record(BearerAuth, "a bearer `auth`", ignore=("type",)),
    "basic": Record(BasicAuth, "a basic `auth`", ignore=("type",)),
    "api_key": Record(ApiKeyAuth, "an api_key `auth`", _check_api_key, ("type",)),
}
_AUTH: Kind[Auth] = Tagged(_AUTHS, "`auth`")


@record
class Timeout(Located):
    """How long one call of the vendor may take."""

    connect: Duration = entry(DURATION, "The time to connect.", default=parse_duration("1s"))
    total: Duration = entry(
        DURATION, "The time from start to whole answer.", default=parse_duration("3s")
    )


@record
class Tls(Located):
    """Certificates for this vendor; it is always verified."""

    ca: Path | None = entry(
        FileValue("the path of a PEM file"), "Trusted instead of the system's CAs.", default=None
    )
    certificate: Path | None = entry(
        FileValue("the path of a PEM file"), "The client certificate.", default=None
    )
    key: Path | None = entry(
        FileValue("the path of a PEM file"), "The client certificate's key.", default=None
    )


def _check_secrets(vendor: VendorSpec, context: Context) -> None:
    headers = vendor.node.get("headers")
    for name, value in headers.entries if isinstance(headers, source.Mapping) else ():
        if is_secret_header(name.text) and isinstance(value, source.Scalar):
            context.problems.secret_literal(value.place)


@record
class VendorSpec(Located):
    """A system that mappings call."""

    base_url: str = entry(
        TextValue("an address", stand_in="https://unset.invalid"),
        "Where it is; paths of requests are appended. Plain http only on this machine.",
        example="https://api.example.com",
    )
    headers: Mapping[str, str] = entry(
        MapOf(TextValue(), "a block of headers", check_name=_check_header),
        "Headers that every request carries.",
        default=MappingProxyType({}),
    )
    auth: Auth | None = entry(_AUTH, "How the gateway shows who it is.", default=None)
    timeout: Timeout = entry(
        Record(Timeout, "`timeout`"), "How long one call may take.", default=Timeout()
    )
    tls: Tls | None = entry(Record(Tls, "`tls`"), "Certificates of one's own.", default=None)
    max_answer: int = entry(
        SIZE, "The largest answer that is read, unpacked.", default=parse_size("10MB")
    )
    plain_http: bool = entry(
        Truth(),
        "Allows http without encryption to a host that isn't this machine.",
        default=False,
    )


@record
class Log(Located):
    """What is written to the log."""

    level: str = entry(
        Choice(("info", "debug")),
        "`debug` also writes payloads: never where personal data may not go.",
        default="info",
    )


@record
class GatewaySpec(Located):
    """gateway.yaml: one deployment of the gateway."""

    version: int = entry(Whole(1, 1), "The version of this file's format.", example="1", instead=1)
    mappings: tuple[Word, ...] = entry(
        ListOf(WordKind("a path"), "a list of files and folders", least=1),
        "Mapping files, or folders of them, relative to this file.",
        example="[mappings]",
        instead=(),
    )
    schemas: Word | None = entry(
        WordKind("a path"), "The folder of JSON Schemas; `schemas` beside this file.", default=None
    )
    nacelle: Nacelle = entry(
        Record(Nacelle, "`nacelle`"),
        "How Nacelle calls the gateway.",
        default=Nacelle(),
        instead=Nacelle(),
    )
    contracts: Mapping[str, ContractSettings] = entry(
        MapOf(
            Record(ContractSettings, "a contract"),
            "a block of contracts",
            known=_CONTRACT_NAMES,
            unknown_code="unknown-contract",
            partial=True,
        ),
        "Paths and categories that differ from the defaults.",
        default=MappingProxyType({}),
        instead=MappingProxyType({}),
    )
    settings: Mapping[str, Json] = entry(
        Settings(),
        "Plain values that mappings see as `settings`.",
        default=MappingProxyType({}),
        instead=MappingProxyType({}),
    )
    vendors: Mapping[str, VendorSpec] = entry(
        MapOf(Record(VendorSpec, "a vendor", _check_secrets), "a block of vendors", partial=True),
        "The systems that mappings call, by name.",
        example="{acme: {base_url: https://api.acme.example}}",
        instead=MappingProxyType({}),
    )
    log: Log = entry(
        Record(Log, "`log`"), "What is written to the log.", default=Log(), instead=Log()
    )


GATEWAY_FILE = Record(GatewaySpec, "gateway.yaml")
