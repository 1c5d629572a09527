"""`gateway send`: a signed sample, posted as Nacelle would."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import httpx2 as httpx

from gateway.app import EXCHANGE_HEADER
from gateway.cli.common import config_option, read, read_file
from gateway.cli.samples import sample
from gateway.cli.show import Screen
from gateway.config.secrets import Secret
from gateway.config.values import STAND_IN
from gateway.contracts import CONTRACTS
from gateway.inbound.signature import SIGNATURE_HEADER, sign
from gateway.lossless import dumps
from gateway.telemetry.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.config.nacelle_spec import InboundSecret, Nacelle

_PATIENCE_SECONDS = 5


def signed_headers(nacelle: Nacelle, contract: str, body: bytes) -> dict[str, str]:
    """Make the headers that a valid caller of this contract sends with this body."""
    headers = {"content-type": "application/json"}
    if nacelle.signature:
        header = nacelle.signature.header
        secret = _secret(nacelle.signature.secrets, contract)
        headers[header.text if header else SIGNATURE_HEADER] = sign(secret, body)
    if nacelle.shared_secret:
        secret = _secret(nacelle.shared_secret.secrets, contract)
        headers[nacelle.shared_secret.header.text] = secret.reveal()
    return headers


def _secret(secrets: Iterable[InboundSecret], contract: str) -> Secret:
    """Give the first secret for a contract; one that isn't set here ends the command with 1."""
    chosen = next((s for s in secrets if s.contracts is None or contract in s.contracts), None)
    if chosen is None:
        click.echo(f"gateway.yaml has no secret of a caller who may call {contract}.", err=True)
        sys.exit(1)
    if chosen.secret == Secret(STAND_IN):
        place = f"{chosen.place.file}:{chosen.place.line}:{chosen.place.column}"
        click.echo(f"{place}: This secret isn't set here. Set it as the gateway has it.", err=True)
        sys.exit(1)
    return chosen.secret


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    """Post, and bear with a gateway that is only just starting."""
    patience = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return httpx.post(url, content=body, headers=headers, timeout=60)
        except httpx.ConnectError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.1)


@click.command()
@click.argument("contract", type=click.Choice(list(CONTRACTS)), metavar="CONTRACT")
@click.argument(
    "file",
    required=False,
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
)
@config_option
@click.option(
    "--url", default="http://127.0.0.1:8080", show_default=True, help="Where the gateway runs."
)
def send(contract: str, file: Path | None, config: Path, url: str) -> None:
    """Sign a checkout or an order and post it to a running gateway.

    CONTRACT is what Nacelle would call, as in inventory.validate. FILE is sent as it is; a sample
    is sent when it is left out, and `-` reads standard input. The path and the caller's secret come
    from gateway.yaml; the vendors' secrets needn't be set. A gateway that is only just
    starting is waited for, up to 5 seconds. Exit code 1 if the answer is an error.
    """
    ready = read(config, stand_in=True, warnings=False)
    clock = Clock()
    object_name = CONTRACTS[contract].object
    body = read_file(file) if file else dumps(sample(object_name, clock.now(), clock.new_id()))
    headers = signed_headers(ready.spec.nacelle, contract, body)
    try:
        answer = _post(url.rstrip("/") + ready.plans.paths[contract], body, headers)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        click.echo(f"No gateway answers at {url}: {error}", err=True)
        sys.exit(1)
    exchange = answer.headers.get(EXCHANGE_HEADER)
    told = f", exchange {exchange}" if exchange else ""
    click.echo(f"{answer.status_code} {answer.reason_phrase}{told}", err=True)
    Screen(colour=sys.stdout.isatty()).body(answer.content)
    sys.exit(0 if answer.is_success else 1)
