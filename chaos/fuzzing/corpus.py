"""Hostile values of our own, put into every place of a request.

They are what parsers, databases and numbers stumble over: NUL, lone surrogates (RFC 8259,
section 8.2), what lies beyond 64 bits and beyond a double, digits that are not ASCII, other
encodings, names that stand twice, depth and length.
"""

import json
import random
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from chaos.fuzzing.operation import Operation
from chaos.fuzzing.samples import Samples
from chaos.fuzzing.wire import WireRequest

_LONG = 6_000  # of a URL: what is longer, the server refuses before any view
_LARGE = 1_000_000
_DEEP = 50_000
_NUL = "%00"
_IN_URLS = (
    *("a%00b", "%FF", "%ED%A0%80", "%C0%80", "9223372036854775808", "-1", "1e309", "NaN"),
    *(quote("١٢٣"), "%0D%0AX-Injected:1", "..%2F..", "%25s%25n", quote("𐀀" * 50), ""),
    *("A" * _LONG, "0" * _LONG, "%27%20OR%201=1--", "1&count=2", "[]", "true"),
)
_IN_JSON = (
    *('"\\u0000"', '"a\\u0000b"', '"\\ud800"', "9223372036854775808", "-1", "1e309", "-1e309"),
    *("NaN", "Infinity", '"١٢٣"', '"\\uff11"', "1.5", "true", "null", "[]", "{}", '""', "[[]]"),
    *(f'"{"A" * _LARGE}"', "1" * 5_000, "[" * 500 + "]" * 500, '{"a":{"\\u0000":1}}'),
    *('["\\ud800"]', '[null,1,"x"]', '"2026-13-45"', '"' + "\U0001f4b3" * 300 + '"'),
)
_BODIES = (
    *(b"", b"null", b"[]", b'"x"', b"1e309", b"{", b'{"count":', b"\xff\xfe\x00", b"\x00"),
    *(b'{"count":1,"count":2,"scheme":"visa","scheme":"x"}', b'{"\\u0000":1}', b'{"\\ud800":1}'),
    *(b"[" * _DEEP + b"]" * _DEEP, b'{"a":' * _DEEP + b"1" + b"}" * _DEEP),
    *(b'\xef\xbb\xbf{"count":1}', '{"count":1}'.encode("utf-16"), b'{"scheme":"\xed\xa0\x80"}'),
    *(b'{"x":"' + b"A" * _LARGE + b'"}', b"A" * 3 * _LARGE, b"4" * 100_000, b"4111\x0011111\n"),
    *(b'"\xff",\r\r\n"', b"pan\n" + b'"' * 10_001, b"count=1%00&scheme=visa"),
)
_TYPES = (
    *("application/json", "application/json; charset=utf-16", "application/json; charset=none"),
    *("text/plain", "text/csv", "application/x-ndjson", "text/xml", "multipart/form-data", "/"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=\x7f", "", "a/b;" * 500),
)
_HEADERS = {
    "Idempotency-Key": ("", "\x7f", "\xff", "A" * 5_000, "4111111111111111"),
    "Accept": ("application/xml", "*/*;q=x", "\xff", "a/b;" * 500, ";;,,"),
    "Range": ("bytes=-1", "bytes=9223372036854775808-", "bytes=1-0,2-1", "lines=1", "bytes=\xb2-"),
    "If-Match": ("*", '"', "\xff" * 100),
    "If-None-Match": ("*", 'W/"', "\xff" * 100),
    "If-Range": ('"x"', "Sun, 99 Feb 2026"),
    "X-Request-ID": ("\xff", "A" * 5_000, "%0d%0a"),
    "Content-Encoding": ("gzip", "br", "\xff"),
    "X-HTTP-Method-Override": ("DELETE", "TRACE"),
    "Last-Event-ID": ("-1", "9223372036854775808", "\xb2"),
}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND")


def requests(
    operation: Operation, *, samples: Samples, chance: random.Random, count: int
) -> list[WireRequest]:
    """Choose `count` requests; NUL in every place of the path and query is always among them."""
    hostile = _Hostile(operation, samples, chance)
    certain = list(hostile.in_urls(_NUL))
    others = [*hostile.in_bodies(), *hostile.in_headers()]
    others += [one for value in _IN_URLS for one in hostile.in_urls(value)]
    chance.shuffle(others)
    return [*certain, *others[: max(1, count - len(certain))]]


class _Hostile:
    """Makes requests of one operation with a single hostile place each."""

    def __init__(self, operation: Operation, samples: Samples, chance: random.Random) -> None:
        self._operation, self._samples, self._chance = operation, samples, chance

    def in_urls(self, value: str) -> Iterator[WireRequest]:
        for name in self._operation.path_names:
            yield self._request(path={name: value})
        for name in (*self._operation.query_names, "unknown"):
            yield self._request(query=f"?{urlencode({name: ''})}{value}")

    def in_bodies(self) -> Iterator[WireRequest]:
        sample = self._operation.sample_body
        for name in (*sample, *self._operation.body_names):
            for value in _IN_JSON:
                rest = json.dumps({key: kept for key, kept in sample.items() if key != name})
                start = rest[:-1] + ("," if len(rest) > len("{}") else "")
                yield self._request(body=f"{start}{json.dumps(name)}:{value}}}".encode())
        if self._operation.takes_body:
            for body in _BODIES:
                yield self._request(body=body, media_type=self._chance.choice(_TYPES))
                yield self._request(body=body)

    def in_headers(self) -> Iterator[WireRequest]:
        for name, values in _HEADERS.items():
            for value in values:
                yield self._request(body=self._plain_body(), headers={name: value})
        for method in _METHODS:
            yield self._request(body=self._plain_body(), method=method)

    def _plain_body(self) -> bytes | None:
        sample = self._operation.sample_body
        return json.dumps(sample).encode() if sample else None

    def _request(
        self,
        *,
        path: dict[str, str] | None = None,
        query: str = "",
        body: bytes | None = None,
        media_type: str = "",
        headers: dict[str, str] | None = None,
        method: str = "",
    ) -> WireRequest:
        known = {
            name: quote(self._samples.parameter(name, chance=self._chance), safe="")
            for name in self._operation.path_names
        }
        sent = dict(headers or {})
        if body is not None:
            sent["Content-Type"] = media_type or self._operation.media_type
        return WireRequest(
            method=method or self._operation.method,
            target=self._operation.path.format_map(known | (path or {})) + query,
            headers=sent,
            body=self._plain_body() if body is None and query + str(path or "") else body,
        )
