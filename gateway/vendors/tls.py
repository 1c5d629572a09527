"""TLS to a vendor: always verified, with an own CA and a client certificate where set."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.config.vendor_spec import Tls


def tls_context(tls: Tls | None) -> ssl.SSLContext:
    """Make the context of one vendor.

    Reads the PEM files; raises OSError (of which ssl.SSLError is one) where that fails.
    """
    context = ssl.create_default_context(cafile=tls.ca if tls else None)
    if tls and tls.certificate:
        # Given a password, OpenSSL doesn't stop to ask the terminal for the one of a locked key.
        context.load_cert_chain(tls.certificate, tls.key, password="")
    return context


def no_tls() -> ssl.SSLContext:
    """Make the context of a vendor on plain http: it trusts nobody and costs nothing to make."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
