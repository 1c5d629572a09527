"""What gateway.yaml says about telemetry: the figures for Prometheus, and where traces go."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from gateway.config.formats import check_header
from gateway.config.kinds import Context, Whole
from gateway.config.records import Located, Record, entry, record
from gateway.config.secrets import Secret
from gateway.config.several import MapOf
from gateway.config.values import SecretValue, TextValue


@record
class Metrics(Located):
    """Figures for Prometheus, at `/metrics` on a port of their own."""

    port: int = entry(Whole(0, 65535), "The port; 0 takes a free one.", example="9090")
    host: str = entry(
        TextValue("an address"),
        "The address to listen on: only this machine unless set.",
        default="127.0.0.1",
    )


@record
class Tracing(Located):
    """Traces for OpenTelemetry: a span for each request, each step and each vendor call."""

    endpoint: str = entry(
        TextValue("an address", stand_in="https://unset.invalid"),
        "The collector's whole address for traces, as OTLP over HTTP.",
        example="http://127.0.0.1:4318/v1/traces",
    )
    headers: Mapping[str, Secret] = entry(
        MapOf(SecretValue(), "a block of headers", check_name=check_header),
        "Headers that the collector wants to see, such as its key.",
        default=MappingProxyType({}),
    )
    percent: int = entry(
        Whole(1, 100),
        "How many in a hundred of the traces that begin here are kept; one that a caller began is "
        "kept if the caller keeps it.",
        default=100,
    )
    service: str = entry(
        TextValue("a name"), "The name of this service in traces.", default="mapping-gateway"
    )


def _is_endpoint(text: str) -> bool:
    try:
        url = urlsplit(text)
        known = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        return False
    return known and text.isascii() and not any(mark in text for mark in "@?# ")


def _check_endpoint(tracing: Tracing, context: Context) -> None:
    if not _is_endpoint(tracing.endpoint):
        context.problems.error(
            "bad-value",
            "This is no address of a collector.",
            tracing.value_place("endpoint"),
            "Type it as in `http://127.0.0.1:4318/v1/traces`; keys go to `headers`.",
        )


METRICS_BLOCK = Record(Metrics, "`metrics`")
TRACING_BLOCK = Record(Tracing, "`tracing`", _check_endpoint)
