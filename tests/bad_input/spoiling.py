"""What no document describes: requests that are wrong as they go over the wire."""

import json
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

from servicekit.values.ids import new_id
from tests.bad_input.requests import UNSENT, Request, written

DEEP = 20_000
LONG = 60_000
ODD_TEXTS = (
    "",
    "\0",
    "a\0b",
    "a\ud800b",
    "\u202e\u200b\ufeff",
    "💥" * 50,
    "x" * LONG,
    "'; DROP TABLE audit; --",
    "{{7*7}}",
    "NaN",
    "1e400",
    "-1e400",
    "9" * 400,
    "0001-01-01",
    "9999-12-31",
    "0000-00-00T00:00:00Z",
    "ﬀ",
    "e\u0301" * 300,
    "../../etc/passwd",
    "%s%n",
)
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    10**40,
    1.5,
    [],
    {},
    [None],
    [[]],
    {"": ""},
    "raw:1e400",
    "raw:-0",
)
BODIES = (
    b"",
    b"{",
    b'{"name": "x',
    b"[]",
    b"null",
    b"text",
    b"{} {}",
    b'{"a": 1, "a": 2}',
    b'{"name": "\xff\xfe"}',
    b"\xef\xbb\xbf{}",
    '{"name": "x"}'.encode("utf-16"),
    b"[" * DEEP + b"]" * DEEP,
    b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    b'{"x": ' + b"9" * 5_000 + b"}",
    b'{"x": 1e999999}',
    b'{"x": NaN}',
    b'{"x": Infinity}',
    b'{"\\ud800": 1}',
    b"\0" * 100,
)
MEDIA_TYPES = (
    "",
    "text/plain",
    "application/xml",
    "application/json; charset=utf-16",
    "application/json; charset=nothing",
    "APPLICATION/JSON",
    "application/merge-patch+json",
    "application/jsonl",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/json, text/plain",
    "/",
    "application/" + "x" * 3_000,
)
VERSIONS = (
    "",
    "*",
    'W/"1"',
    "1",
    '"x"',
    f'"{"9" * 40}"',
    '"-1"',
    '"1", "2"',
    '"1"',
    '"2"',
    '"' + "x" * 3_000 + '"',
    "é",
)
KEYS = ("", "x" * 255, "x" * 256, " ", "é", "\x7f", "a" * 5_000, '"key"', "key\tkey")
PREFERENCES = (
    "respond-async",
    "RESPOND-ASYNC",
    "respond-async, wait=0",
    "return=minimal",
    "",
    ";;;",
    "wait=" + "9" * 40,
)
ACCEPTED = (
    "image/png",
    "text/csv",
    "*/*;q=nothing",
    "",
    "application/json;q=0",
    "text/csv,application/json",
    "x" * 3_000,
)
ENCODINGS = ("gzip", "br", "identity", "nothing", "gzip, gzip")
OTHER_HEADERS: tuple[tuple[str, str | bytes], ...] = (
    ("on-behalf-of", "me"),
    ("on-behalf-of", "\u00e9"),
    ("on-behalf-of", ""),
    ("org-chart-version", "9" * 40),
    ("org-chart-version", "-1"),
    ("org-chart-version", "x"),
    ("traceparent", "00-zz-zz-00"),
    ("traceparent", "00-" + "0" * 32 + "-" + "0" * 16 + "-00"),
    ("tracestate", "a=b," * 600),
    ("authorization", "Basic eDp5"),
    ("authorization", "Bearer"),
    ("authorization", "Bearer " + "x" * 9_000),
    ("authorization", b"Bearer \xff\xfe"),
    ("authorization", "Bearer e30.e30."),
    ("cookie", "a=b; " * 500),
    ("host", "elsewhere.example"),
    ("host", ""),
    ("range", "bytes=0-1"),
    ("if-none-match", "*"),
    ("x-forwarded-for", "127.0.0.1, \x7f"),
    ("deadline", "0"),
    ("expect", "nothing"),
    ("x-http-method-override", "DELETE"),
)
QUERIES = (
    "surprise=1",
    "limit=0",
    "limit=-1",
    "limit=1e3",
    "limit=" + "9" * 40,
    "limit=1&limit=2",
    "cursor=AAAA",
    "cursor=" + "A" * 7_000,
    "cursor=%00",
    "sort=%00",
    "sort=-",
    "sort=-id,-id,-id",
    "sort=" + "x" * 3_000,
    "total=perhaps",
    "&&&===",
    "=",
    "%",
    "%FF=%FE",
    "%ED%A0%80=1",
    "search=%00",
    "search=" + quote("💥'\";--"),
    "search=" + "%25" * 500,
    "as_of=0000-00-00",
    "as_of=9999-12-31",
    "at=0001-01-01T00:00:00%2B14:00",
    "after=-1&wait=0",
    "after=" + "9" * 40 + "&wait=0",
    "wait=NaN",
    "&".join(f"p{number}={number}" for number in range(2_000)),
    "q=" + "x" * 30_000,
)
MANY_QUERIES = 4


def spoilt(request: Request, chance: Random) -> Request:
    """Spoil one thing of a request that would else be as right as it can be."""
    request.kind = "spoilt"
    takes_body = bool(request.operation.media_types)
    ways: list[Callable[[Request, Random], None]] = [_header, _query, _path, _key]
    ways += (
        [_body, _text_in_body, _value_in_body, _media_type, _encoding, _unknown_field] if takes_body else [_stray_body]
    )
    ways += [_version, _version] if request.operation.takes_version else []
    chance.choice(ways)(request, chance)
    return request


def _header(request: Request, chance: Random) -> None:
    others = (("accept", chance.choice(ACCEPTED)), ("prefer", chance.choice(PREFERENCES)))
    name, value = chance.choice((*OTHER_HEADERS, *others, ("on-behalf-of", str(new_id()))))
    request.headers[name] = value


def _query(request: Request, chance: Random) -> None:
    own = [each["name"] for each in request.operation.parameters if each["in"] == "query" and each["name"] != "wait"]
    if own and chance.random() < 0.5:
        odd = quote(chance.choice(ODD_TEXTS).encode("utf-8", "surrogatepass"))
        request.query_string = f"{chance.choice(own)}={odd}"
    else:
        request.query_string = chance.choice(QUERIES)


def _path(request: Request, chance: Random) -> None:
    if request.path:
        request.path[chance.choice(sorted(request.path))] = chance.choice((*ODD_TEXTS, "..", "a/b", "?", "#", "nobody"))
    else:
        request.query_string = "/".join(chance.choice(QUERIES) for _ in range(2))


def _key(request: Request, chance: Random) -> None:
    request.headers["idempotency-key"] = chance.choice(KEYS)


def _body(request: Request, chance: Random) -> None:
    request.raw = chance.choice(BODIES)


def _stray_body(request: Request, chance: Random) -> None:
    request.raw = chance.choice(BODIES)
    request.media_type = chance.choice(("application/json", "text/plain"))


def _media_type(request: Request, chance: Random) -> None:
    if request.body is UNSENT:
        request.raw = b"{}"
    request.raw = request.raw or request.content
    request.media_type = chance.choice(MEDIA_TYPES)


def _encoding(request: Request, chance: Random) -> None:
    request.headers["content-encoding"] = chance.choice(ENCODINGS)


def _version(request: Request, chance: Random) -> None:
    request.headers["if-match"] = chance.choice(VERSIONS)


def _unknown_field(request: Request, chance: Random) -> None:
    if isinstance(request.body, dict):
        name = chance.choice(("surprise", "", "id", "version", "\0", "__proto__", "x" * LONG, "a\ud800"))
        request.body = {**request.body, name: chance.choice(ODD_VALUES[:-2])}


def _text_in_body(request: Request, chance: Random) -> None:
    _somewhere(request, chance.choice(ODD_TEXTS), chance)


def _value_in_body(request: Request, chance: Random) -> None:
    _somewhere(request, chance.choice(ODD_VALUES), chance)


def _somewhere(request: Request, value: Any, chance: Random) -> None:
    """Put a value at some place of the body, as deep as it is."""
    if request.body is UNSENT or not isinstance(request.body, dict | list):
        request.body = value
    else:
        request.body = json.loads(written(request.body))
        places = list(_places(request.body))
        if places:
            holder, name = chance.choice(places)
            holder[name] = value
    if isinstance(value, str) and value.startswith("raw:"):
        request.raw = request.content.replace(written(value), value.removeprefix("raw:").encode())


def _places(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        own: list[tuple[Any, Any]] = [(value, name) for name in value]
        return own + [place for each in value.values() for place in _places(each)]
    if isinstance(value, list):
        own = [(value, index) for index in range(len(value))]
        return own + [place for each in value for place in _places(each)]
    return []
