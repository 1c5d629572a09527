"""What gateway.yaml says: its keys, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.config.admin_spec import ADMIN_BLOCK, Admin
from gateway.config.formats import SIZE, check_path
from gateway.config.kinds import Choice, Whole, Word, WordKind
from gateway.config.nacelle_spec import Nacelle
from gateway.config.records import Located, Record, entry, record
from gateway.config.several import ListOf, MapOf
from gateway.config.storage_spec import STORAGE_BLOCK, StorageSpec
from gateway.config.telemetry_spec import METRICS_BLOCK, TRACING_BLOCK, Metrics, Tracing
from gateway.config.units import parse_size
from gateway.config.values import Settings
from gateway.config.vendor_spec import VENDOR_BLOCK, VendorSpec
from gateway.contracts import CONTRACTS
from gateway.lossless import Json

_CONTRACT_NAMES = tuple(CONTRACTS)


@record
class ContractSettings(Located):
    """What a deployment changes about a contract."""

    path: Word | None = entry(
        WordKind("a path", check_path), "The path under which Nacelle calls it.", default=None
    )
    category: Word | None = entry(
        WordKind("a category"), "The category of its errors.", default=None
    )


@record
class Cache(Located):
    """What is kept in memory of vendors' answers."""

    max_size: int = entry(
        SIZE,
        "About how much memory a process gives to the rows that `batch.ttl` keeps; the longest "
        "unused go first.",
        default=parse_size("64MB"),
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
        MapOf(VENDOR_BLOCK, "a block of vendors", partial=True),
        "The systems that mappings call, by name.",
        example="{acme: {base_url: https://api.acme.example}}",
        instead=MappingProxyType({}),
    )
    storage: StorageSpec = entry(
        STORAGE_BLOCK,
        "Where the gateway keeps what must outlive it.",
        default=StorageSpec(),
        instead=StorageSpec(),
    )
    cache: Cache = entry(
        Record(Cache, "`cache`"),
        "What is kept in memory of vendors' answers.",
        default=Cache(),
        instead=Cache(),
    )
    log: Log = entry(
        Record(Log, "`log`"), "What is written to the log.", default=Log(), instead=Log()
    )
    metrics: Metrics | None = entry(
        METRICS_BLOCK, "Figures for Prometheus; none where left out.", default=None, instead=None
    )
    tracing: Tracing | None = entry(
        TRACING_BLOCK, "Traces for OpenTelemetry; none where left out.", default=None, instead=None
    )
    admin: Admin | None = entry(
        ADMIN_BLOCK,
        "Orders as JSON, for people's programs; none where left out.",
        default=None,
        instead=None,
    )


GATEWAY_FILE = Record(GatewaySpec, "gateway.yaml")
