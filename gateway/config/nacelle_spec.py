"""What gateway.yaml says about Nacelle: who may call, and what one request may take."""

from __future__ import annotations

from gateway.config import source
from gateway.config.formats import DURATION, HEADER, SIZE
from gateway.config.kinds import BAD, Bad, Choice, Context, Whole, Word, WordKind
from gateway.config.records import Located, Record, entry, record
from gateway.config.secrets import Secret
from gateway.config.several import ListOf
from gateway.config.source import Node
from gateway.config.units import Duration, parse_duration, parse_size
from gateway.config.values import (
    ENV_SCHEMA,
    FILE_SCHEMA,
    PlainPath,
    SecretValue,
    read_secret,
)
from gateway.contracts import CONTRACTS
from gateway.lossless import Json

SCHEMA = WordKind("the name of a schema, as in `acme/checkout.json`")
_CONTRACT_NAMES = tuple(CONTRACTS)


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
class OwnFields(Located):
    """Schemas of the fields that a shop has beyond Nacelle's own."""

    checkout: Word | None = entry(
        SCHEMA, "What its checkouts have besides.", default=None, example="acme/checkout.json"
    )
    order: Word | None = entry(
        SCHEMA, "What its orders have besides.", default=None, example="acme/order.json"
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
    own_fields: OwnFields = entry(
        Record(OwnFields, "`own_fields`"),
        "Schemas that add fields to those of checkouts and orders, for expressions to read.",
        default=OwnFields(),
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
