"""Spans go to an OpenTelemetry collector; imported only where gateway.yaml asks for it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final, Self

import requests
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from gateway.errors import Refusal
from gateway.telemetry.trace import ERROR, Attributes, Kind, Parent, Span, enter, leave

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token
    from types import TracebackType

    from opentelemetry import trace

MOST_SPANS: Final = 2048
"""How many spans wait for the collector; of more, the oldest are dropped."""
_EXPORT_SECONDS: Final = 5
_CLOSE_SECONDS: Final = 2
_KINDS: Final[Mapping[Kind, SpanKind]] = {"step": SpanKind.INTERNAL, "call": SpanKind.CLIENT}
_SERVER_TROUBLE: Final = 500


class OtelTracer:
    """Sends spans in batches from a thread of its own, whatever becomes of the collector."""

    def __init__(
        self,
        endpoint: str,
        headers: Mapping[str, str],
        *,
        share: float,
        resource: Mapping[str, str],
    ) -> None:
        """`share`, from 0 to 1, is how many of the traces that begin here are kept."""
        session = requests.Session()
        session.trust_env = False  # no proxies, no .netrc
        # It warns before each repeat; that a batch is lost is an error, and enough.
        logging.getLogger(OTLPSpanExporter.__module__).setLevel(logging.ERROR)
        self._exporter = OTLPSpanExporter(
            endpoint, headers=headers, timeout=_EXPORT_SECONDS, session=session
        )
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(share)),
            resource=Resource.create(dict(resource)),
            shutdown_on_exit=False,
        )
        processor = BatchSpanProcessor(self._exporter, max_queue_size=MOST_SPANS)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("gateway")

    def begin(self, name: str, parent: Parent | None, attributes: Attributes) -> Span:
        context = Context() if parent is None else _remote(parent)
        return _Recorded(self._tracer, name, SpanKind.SERVER, context, attributes)

    def close(self) -> None:
        # The library would wait for a dead collector ten times as long.
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)
        if closing.is_alive():
            self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the library's


def _remote(parent: Parent) -> Context:
    span_context = SpanContext(
        int(parent.trace_id, 16),
        int(parent.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(parent.flags, 16)),
    )
    return set_span_in_context(NonRecordingSpan(span_context), Context())


class _Recorded:
    """A span of the library's."""

    __slots__ = ("_context", "_span", "_token", "_tracer")
    _token: Token[Span]

    def __init__(
        self,
        tracer: trace.Tracer,
        name: str,
        kind: SpanKind,
        context: Context,
        attributes: Attributes,
    ) -> None:
        self._tracer = tracer
        self._span = tracer.start_span(name, context, kind, attributes)
        self._context = set_span_in_context(self._span, context)

    @property
    def trace_id(self) -> str:
        return f"{self._span.get_span_context().trace_id:032x}"

    @property
    def traceparent(self) -> str:
        known = self._span.get_span_context()
        return f"00-{known.trace_id:032x}-{known.span_id:016x}-{known.trace_flags:02x}"

    def child(self, name: str, kind: Kind, attributes: Attributes) -> _Recorded:
        return _Recorded(self._tracer, name, _KINDS[kind], self._context, attributes)

    def note(self, attributes: Attributes) -> None:
        self._span.set_attributes(attributes)
        if ERROR in attributes:
            self._span.set_status(StatusCode.ERROR)

    def __enter__(self) -> Self:
        self._token = enter(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        leave(self._token)
        if isinstance(error, Refusal):
            name = ERROR if error.status >= _SERVER_TROUBLE else "gateway.reason"
            self.note({name: error.reason})
        elif kind is not None:
            self.note({ERROR: kind.__qualname__})
        self._span.end()
