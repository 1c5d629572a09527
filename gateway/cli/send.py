"""`gateway send`: a signed sample, posted as Nacelle would."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import httpx2 as httpx

from gateway.cli.common import config_option, read, read_document
from gateway.cli.samples import sample
from gateway.config.spec import Nacelle
from gateway.contracts import CONTRACTS
from gateway.inbound.signature import SIGNATURE_HEADER, sign
from gateway.lossless import dumps
from gateway.telemetry.clock import Clock

_SUCCESS = 300


def signed_headers(nacelle: Nacelle, body: bytes) -> dict[str, str]:
    """Make the headers that a valid caller sends with this body."""
    headers = {"content-type": "application/json"}
    if nacelle.signature:
        header = nacelle.signature.header
        secret = nacelle.signature.secrets[0].secret
        headers[header.text if header else SIGNATURE_HEADER] = sign(secret, body)
    if nacelle.shared_secret:
        secret = nacelle.shared_secret.secrets[0].secret
        headers[nacelle.shared_secret.header.text] = secret.reveal()
    return headers


@click.command()
@click.argument("contract", type=click.Choice(list(CONTRACTS)), metavar="CONTRACT")
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@config_option
@click.option(
    "--url", default="http://127.0.0.1:8080", show_default=True, help="Where the gateway runs."
)
def send(contract: str, file: Path | None, config: Path, url: str) -> None:
    """Sign a checkout or an order and post it to a running gateway.

    CONTRACT is what Nacelle would call, as in inventory.validate. FILE holds the JSON; a sample is
    sent when it is left out, and `-` reads standard input. Exit code 1 if the answer is an error.
    """
    ready = read(config)
    clock = Clock()
    object_name = CONTRACTS[contract].object
    document = read_document(file) if file else sample(object_name, clock.now(), clock.new_id())
    body = dumps(document)
    try:
        answer = httpx.post(
            url.rstrip("/") + ready.plans.paths[contract],
            content=body,
            headers=signed_headers(ready.spec.nacelle, body),
            timeout=60,
        )
    except httpx.TransportError as error:
        click.echo(f"No gateway answers at {url}: {error}", err=True)
        sys.exit(1)
    click.echo(f"{answer.status_code} {answer.reason_phrase}", err=True)
    click.echo(answer.text)
    sys.exit(0 if answer.status_code < _SUCCESS else 1)
