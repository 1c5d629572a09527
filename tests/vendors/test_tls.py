"""TLS is always verified; an own CA and a client certificate are settings."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
import trustme

from gateway.vendors.client import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.vendor_spec import Tls
    from tests.vendors.conftest import Effect, OpenVendor, Serve, ServerTls


@pytest.fixture
def clients() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def with_certificate(own_ca: Tls, clients: trustme.CA, tmp_path: Path) -> None:
    issued = clients.issue_cert("gateway.example")
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    return dataclasses.replace(own_ca, certificate=certificate, key=key)


async def test_an_own_ca_is_trusted(
    serve: Serve, server_tls: ServerTls, own_ca: Tls, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve(context=server_tls())
    call = open_vendor(server.url, effect=effect, tls=own_ca)
    assert isinstance(await call(), Answer)
    assert isinstance(await call(), Answer)
    assert server.connections == 1


async def test_a_client_certificate_is_shown(
    serve: Serve,
    server_tls: ServerTls,
    with_certificate: Tls,
    clients: trustme.CA,
    open_vendor: OpenVendor,
    effect: Effect,
) -> None:
    server = await serve(context=server_tls(clients=clients))
    call = open_vendor(server.url, effect=effect, tls=with_certificate)
    assert isinstance(await call(), Answer)


@pytest.mark.parametrize("name", ["ca", "certificate", "key"])
@pytest.mark.parametrize("content", [None, "no PEM"], ids=["missing", "broken"])
async def test_a_file_that_cant_be_used_sends_nothing_and_open_says_so(  # noqa: PLR0913, PLR0917 - fixtures and cases
    serve: Serve,
    server_tls: ServerTls,
    with_certificate: Tls,
    open_vendor: OpenVendor,
    tmp_path: Path,
    name: str,
    content: str | None,
) -> None:
    path = tmp_path / "bad.pem"
    if content:
        path.write_text(content)
    server = await serve(context=server_tls())
    tls = dataclasses.replace(with_certificate, **{name: path})
    call = open_vendor(server.url, effect=True, tls=tls)
    fault = await call()
    assert (fault.kind, fault.sent, server.connections) == ("tls", "no", 0)
    with pytest.raises(OSError, match=r".+"):
        call.vendor.open()


async def test_a_vendor_can_be_opened_before_its_first_call(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve()
    call = open_vendor(server.url, effect=effect)
    call.vendor.open()
    assert isinstance(await call(), Answer)
