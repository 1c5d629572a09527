"""Metrics and traces as gateway.yaml wants them; their libraries are loaded only then."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.telemetry.trace import NoTracer
from gateway.telemetry.watch import NoWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import CollectorRegistry

    from gateway.cli.common import Ready
    from gateway.config.telemetry_spec import Metrics
    from gateway.telemetry.trace import Tracer
    from gateway.telemetry.watch import Watch

_SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where the library finds the folder that processes share; read when it is imported."""
_PACKAGE = "mapping-gateway"


def make_tracer(ready: Ready) -> Tracer:
    """Make what records traces, in the process that serves."""
    spec = ready.spec.tracing
    if spec is None:
        return NoTracer()
    from gateway.telemetry.otel import OtelTracer  # noqa: PLC0415 - loaded only where it is used

    headers = {name: secret.reveal() for name, secret in spec.headers.items()}
    resource = {"service.name": spec.service, "service.version": version(_PACKAGE)}
    return OtelTracer(spec.endpoint, headers, share=spec.percent / 100, resource=resource)


def worker_watch(ready: Ready) -> Watch:
    """Make what counts in one of several processes; the first one shows the sums."""
    if ready.spec.metrics is None:
        return NoWatch()
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - as above

    return _metrics(CollectorRegistry())


@contextmanager
def metrics_served(ready: Ready, workers: int = 1) -> Iterator[Watch]:
    """Serve /metrics where gateway.yaml asks for it, and give what counts in this process.

    A port that can't be had ends the command with 1.
    """
    spec = ready.spec.metrics
    if spec is None:
        yield NoWatch()
    elif workers == 1:
        from prometheus_client import CollectorRegistry  # noqa: PLC0415 - as above

        registry = CollectorRegistry()
        with _shown(registry, spec):
            yield _metrics(registry)
    else:
        with tempfile.TemporaryDirectory(prefix="gateway-metrics-") as folder:
            os.environ[_SHARED] = folder
            from gateway.telemetry.scrape import registry_of_workers  # noqa: PLC0415 - as above

            with _shown(registry_of_workers(Path(folder)), spec):
                yield NoWatch()


def _metrics(registry: CollectorRegistry) -> Watch:
    from gateway.telemetry.metrics import Metrics  # noqa: PLC0415 - as above

    return Metrics(registry, version(_PACKAGE))


@contextmanager
def _shown(registry: CollectorRegistry, spec: Metrics) -> Iterator[None]:
    from gateway.telemetry.scrape import Scraped  # noqa: PLC0415 - as above

    try:
        scraped = Scraped(registry, spec.host, spec.port)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        click.echo(f"Can't serve metrics on {spec.host}, port {spec.port}: {why}.", err=True)
        sys.exit(1)
    click.echo(f"Metrics on http://{spec.host}:{scraped.port}/metrics", err=True)
    with closing(scraped):
        yield
