"""What gateway.yaml says about the port on which orders are seen to."""

from __future__ import annotations

from gateway.config.kinds import Whole
from gateway.config.records import Located, Record, entry, record
from gateway.config.secrets import Secret
from gateway.config.values import SecretValue, TextValue


@record
class Admin(Located):
    """Orders as JSON, to look at and to act on, on a port of their own."""

    port: int = entry(Whole(0, 65535), "The port; 0 takes a free one.", example="9091")
    host: str = entry(
        TextValue("an address"),
        "The address to listen on: only this machine unless set.",
        default="127.0.0.1",
    )
    token: Secret = entry(
        SecretValue(),
        "What callers send as `Authorization: Bearer …`.",
        example="{env: GATEWAY_ADMIN_TOKEN}",
    )


ADMIN_BLOCK = Record(Admin, "`admin`")
