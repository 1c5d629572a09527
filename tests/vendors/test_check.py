"""What is wrong with a vendor's settings is said before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.config.auth_spec import ApiKeyAuth, BasicAuth, BearerAuth
from gateway.config.secrets import Secret
from gateway.config.vendor_spec import Tls
from gateway.telemetry.clock import Clock
from gateway.vendors.check import check_vendor
from gateway.vendors.vendor import make_vendor

if TYPE_CHECKING:
    from tests.vendors.conftest import SpecOf


GOOD = "https://api.example.com"


def key(**fields: str) -> ApiKeyAuth:
    given = {"header": None, "query": None, "prefix": None} | fields
    return ApiKeyAuth(key=Secret("s3cret"), **given)


@pytest.mark.parametrize(
    "url",
    [
        GOOD,
        GOOD + "/",
        GOOD + ":8443/stores/abc/",
        "http://127.0.0.1:8080",
        "http://127.1.2.3",
        "http://localhost:1",
        "http://[::1]:80",
        "HTTPS://API.example.com",
    ],
)
def test_good_settings_have_no_problem(spec_of: SpecOf, url: str) -> None:
    assert check_vendor(spec_of(url)) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://api.example.com", "plain_http"),
        ("http://10.0.0.1", "plain_http"),
        ("http://localhost.example.com", "plain_http"),
        ("ftp://api.example.com", "https://"),
        ("api.example.com", "https://"),
        ("https://", "https://"),
        ("https://user:pass@api.example.com", "auth"),
        ("https://@api.example.com", "auth"),
        (GOOD + "?a=b", "query"),
        (GOOD + "?", "query"),
        (GOOD + "#a", "query"),
        (GOOD + "/a/../b", ".."),
        (GOOD + "/%2e%2E/", ".."),
        (GOOD + "/ä", "ASCII"),
        ("https://bücher.example", "xn--"),
        (GOOD + "/a b", "ASCII"),
        (GOOD + "\n", "ASCII"),
        ("https://api.example.com:http", "no URL"),
        ("https://api.example.com:99999", "no URL"),
        ("https://[::1", "no URL"),
    ],
)
def test_a_bad_base_url_is_a_problem(spec_of: SpecOf, url: str, said: str) -> None:
    problems = check_vendor(spec_of(url))
    assert len(problems) == 1
    assert said in problems[0].message


def test_plain_http_can_be_allowed(spec_of: SpecOf) -> None:
    assert check_vendor(spec_of("http://api.example.com", plain_http=True)) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"headers": {"a b": "c"}},
        {"headers": {"a": "b\r\nc: d"}},
        {"headers": {"Host": "other"}},
        {"auth": key()},
        {"auth": key(header="a", query="b")},
        {"auth": key(header="a b")},
        {"auth": key(header="Content-Length")},
        {"auth": key(query="")},
        {"auth": key(query="a", prefix="b")},
        {"auth": BearerAuth(token=Secret("s3cret\n"))},
        {"auth": BasicAuth(user=Secret("s3cret:a"), password=Secret("b"))},
        {"tls": Tls(ca=None, certificate=None, key=Path("s3cret.pem"))},
        {"connect_ms": 0},
        {"total_ms": 0},
        {"max_answer": 0},
    ],
    ids=str,
)
def test_each_bad_setting_is_one_problem_and_no_vendor_is_made(
    spec_of: SpecOf, settings: dict[str, object]
) -> None:
    spec = spec_of(GOOD, **settings)
    problems = check_vendor(spec)
    assert len(problems) == 1
    assert "s3cret" not in problems[0].message
    with pytest.raises(ValueError, match=r".+") as caught:
        make_vendor(spec, Clock())
    assert str(caught.value) == problems[0].message


def test_tls_settings_for_plain_http_are_a_problem(spec_of: SpecOf) -> None:
    tls = Tls(ca=Path("ca.pem"), certificate=None, key=None)
    assert len(check_vendor(spec_of("http://localhost", tls=tls))) == 1


def test_every_problem_is_said_not_the_first(spec_of: SpecOf) -> None:
    spec = spec_of("http://api.example.com", headers={"a b": "c"}, max_answer=0)
    assert len(check_vendor(spec)) == 3


def test_a_basic_password_may_have_line_breaks_as_it_is_encoded(spec_of: SpecOf) -> None:
    auth = BasicAuth(user=Secret("a"), password=Secret("b\nc"))
    assert check_vendor(spec_of(GOOD, auth=auth)) == []


def test_a_query_key_may_have_any_characters_as_it_is_encoded(spec_of: SpecOf) -> None:
    auth = ApiKeyAuth(key=Secret("a\n&#"), header=None, query="k", prefix=None)
    assert check_vendor(spec_of(GOOD, auth=auth)) == []
