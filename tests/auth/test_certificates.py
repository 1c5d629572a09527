"""A client certificate is shown to the vendor and to its token endpoint."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme


@pytest.fixture
async def mutual(tmp_path):
    """A server that lets nobody in without a certificate; it gives tokens and takes them."""
    servers, clients = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    servers.issue_cert("localhost").configure_cert(context)
    clients.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    issued = clients.issue_cert("gateway.example")
    servers.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    issued.private_key_pem.write_to_path(str(tmp_path / "client.key"))
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            heard.append(head.split(b" ")[1])
            body = b'{"access_token": "a", "expires_in": 60}'
            length = b"content-length: %d" % len(body)
            writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n" + length + b"\r\n\r\n" + body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    yield f"https://localhost:{server.sockets[0].getsockname()[1]}", heard
    server.close()
    await server.wait_closed()


SHOWN = {"ca": "ca.pem", "certificate": "client.pem", "key": "client.key"}


async def test_the_certificate_is_shown_to_both(call_with, oauth2, mutual) -> None:
    url, heard = mutual
    call = call_with(oauth2(token_url=f"{url}/token"), url=url, tls=SHOWN)
    assert (await call()).status == 200
    assert heard == [b"/token", b"/api"]


async def test_without_it_no_token_is_had(call_with, oauth2, mutual) -> None:
    url, heard = mutual
    call = call_with(oauth2(token_url=f"{url}/token"), url=url, tls={"ca": "ca.pem"})
    outcome = await call()
    assert (outcome.kind, outcome.sent, heard) == ("auth", "no", [])
