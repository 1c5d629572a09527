"""The vendor of the load benches: nginx, which answers every request for stock with one body."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.documents import counts
from bench.servers import LOAD, SERVED, Server, free_port

PATH: Final = "/v2/inventory/counts/batch-retrieve"

PROXY: Final = "nginx, only passing on"

_NGINX: Final = """\
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  client_body_buffer_size 4m;
  client_max_body_size 4m;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  {body}
}}
"""
# A static file takes no POST: the refusal is sent on to the file, which then is the answer.
_ANSWERS: Final = """\
  default_type application/json;
  open_file_cache max=16 inactive=1h;
  map $content_length $answer {{ "~^[0-9]{{1,3}}$" few.json; default many.json; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {folder};
    location / {{ rewrite ^ /$answer last; }}
    location ~ json$ {{ error_page 405 =200 $uri; }}
  }}
"""
_PASSES_ON: Final = """\
  upstream vendor {{ server 127.0.0.1:{vendor}; keepalive 300; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://vendor{path};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
"""


@contextmanager
def answering(
    folder: Path, lines: int, *, many: int | None = None, cores: str = LOAD
) -> Iterator[Server]:
    """Answer with the stock of so many lines; with that of `many` where much is asked for."""
    port = free_port()
    home = folder / f"vendor-{port}"
    home.mkdir()
    (home / "few.json").write_text(json.dumps(counts(lines)))
    (home / "many.json").write_text(json.dumps(counts(many or lines)))
    answers = _ANSWERS.format(port=port, folder=home)
    with _nginx(home, "the vendor", port, answers, cores) as server:
        yield server


def proxy(folder: Path, vendor: Server) -> Server:
    """Make what only passes a request on to the vendor, and its answer back: the wire's limit."""
    port = free_port()
    home = folder / f"proxy-{port}"
    home.mkdir()
    passes_on = _PASSES_ON.format(port=port, vendor=vendor.port, path=PATH)
    return _nginx(home, PROXY, port, passes_on, SERVED)


def _nginx(home: Path, name: str, port: int, body: str, cores: str) -> Server:
    """Make a server; the configuration is whole, nothing of the machine's own is read."""
    file = home / "nginx.conf"
    file.write_text(_NGINX.format(folder=home, body=body))
    return Server(
        name, ["nginx", "-p", str(home), "-e", "stderr", "-c", str(file)], port, {}, cores
    )
