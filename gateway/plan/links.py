"""A URL that a vendor gives for its next page: only below the vendor's own base URL."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, urljoin, urlsplit

_KEPT = "%/:?#[]@!$&'()*+,;=~"
_PORTS = {"http": 80, "https": 443}


class BadLink(Exception):
    """A URL that isn't followed; `str()` says why, without quoting it."""


def target_of(url: str, base_url: str, target: str) -> str:
    """Give a URL's path and query as a request's target, which starts below `base_url`.

    A relative one starts from the request that was answered, `target`. Raises BadLink where it
    leads to another origin or out of the base URL's path: the credentials stay at home.
    """
    base = urlsplit(base_url)
    root = base.path.rstrip("/")
    here = f"{base.scheme}://{base.netloc}{root}{target}"
    try:
        found = urlsplit(urljoin(here, quote(url.strip(), safe=_KEPT)))
        if _origin(found) != _origin(base) or "@" in found.netloc:
            raise BadLink("leads to another host")
    except ValueError as error:
        raise BadLink("is no URL") from error
    if not found.path.startswith(f"{root}/"):
        raise BadLink("leads out of the vendor's `base_url`")
    path = found.path.removeprefix(root)
    return f"{path}?{found.query}" if found.query else path


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme)
