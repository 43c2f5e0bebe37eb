"""Answer with a file: whole, in part, or not at all because the client has it."""

from collections.abc import AsyncIterator, Iterator

from django.http import HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from jobs.results.files import ResultFile
from jobs.results.index import Parts, part, parts_of
from jobs.watching import readable
from toolkit.conditions import accepts_gzip, byte_range, names
from toolkit.rechecking import Recheck, while_allowed
from toolkit.seats import Seats
from toolkit.streams import gzipped, holding, in_thread
from toolkit.views import caller

_PRIVATE = "private, no-store"
_RETRY_SECONDS = 5
# A slow client holds some megabytes; a file that is written first, a core and its size on disk.
_places = Seats("downloads", 64, of_one=32)
_places_to_write = Seats("written-files", 4, of_one=2)


def answer(request: Request, file: ResultFile) -> HttpResponseBase:
    """Answer 304, 206 or 200, in the order of precedence of RFC 9110 section 13.2.2.

    :raises RangeUnsatisfiable: if the file ends before the part asked for
    :raises Refusal: if the form cannot hold the cards, or `after` is no cursor
    """
    file.form.check(rows=file.rows, part=bool(file.selection.words))
    parts = parts_of(file)
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": _PRIVATE,
        "Accept-Ranges": "bytes" if parts else "none",
    }
    if not file.form.repeatable:
        return _streamed(request, file, file.pieces(), headers=headers)
    wanted = parts if _is_for_part(request, file) else None
    packed = accepts_gzip(request) and not wanted
    etag = file.etag(coding="gzip" if packed else "")
    headers |= {"ETag": etag, "Vary": "Accept-Encoding"}
    if names(request.headers.get("If-None-Match", ""), etag):
        return HttpResponseNotModified(headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
        return _streamed(request, file, gzipped(file.pieces()), headers=headers)
    if wanted and (response := _part(request, wanted, headers=headers)):
        return response
    return _whole(request, file, parts, headers=headers)


def headers_alone(content_type: str, *, headers: dict[str, str]) -> StreamingHttpResponse:
    """Answer a HEAD: a plain empty response would claim a length of 0.

    A body may not be left to the server: Daphne drops only the first 64 KiB of it.
    """
    return StreamingHttpResponse(_nothing(), content_type=content_type, headers=headers)


def _is_for_part(request: Request, file: ResultFile) -> bool:
    """Tell whether a `Range` counts: it is one of the bytes as they are, never of the packed ones.

    A client that takes gzip has perhaps begun with a packed file, unless its `If-Range` says which.
    """
    if request.method != "GET" or "Range" not in request.headers:
        return False
    begun_with = request.headers.get("If-Range")
    return not accepts_gzip(request) if begun_with is None else begun_with == file.etag()


def _part(
    request: Request, parts: Parts, *, headers: dict[str, str]
) -> StreamingHttpResponse | None:
    """Answer with the bytes asked for, None if the `Range` is to be ignored."""
    index = parts.index()
    wanted = byte_range(request.headers["Range"], size=index.size)
    if wanted is None:
        return None
    headers |= {
        "Content-Range": wanted.content_range(size=index.size),
        "Content-Length": str(len(wanted)),
    }
    pieces = part(parts.file, index, first=wanted.first, last=wanted.last)
    return _streamed(request, parts.file, pieces, headers=headers, status=206)


def _whole(
    request: Request, file: ResultFile, parts: Parts | None, *, headers: dict[str, str]
) -> StreamingHttpResponse:
    """Answer with the file as it is, and with its length if that is no more than arithmetic."""
    if not (parts and parts.fixed):
        return _streamed(request, file, file.pieces(), headers=headers)
    index = parts.index()
    headers["Content-Length"] = str(index.size)
    pieces = part(file, index, first=0, last=index.size - 1)
    return _streamed(request, file, pieces, headers=headers)


def _streamed(
    request: Request,
    file: ResultFile,
    pieces: Iterator[bytes],
    *,
    headers: dict[str, str],
    status: int = 200,
) -> StreamingHttpResponse:
    """Send the pieces, from a place that is held meanwhile; to a HEAD the headers alone.

    :raises Throttled: if there is no place left
    """
    if request.method == "HEAD":
        return headers_alone(file.form.media_type, headers=headers)
    places = _places if file.form.repeatable else _places_to_write
    place = places.take(caller(request).pk)
    if place is None:
        raise Throttled(wait=_RETRY_SECONDS)
    allowed = while_allowed(
        Recheck(request), pieces, require=lambda user: readable(user, file.job.id)
    )
    body = in_thread(holding(place, allowed))
    return StreamingHttpResponse(
        body, content_type=file.form.media_type, headers=headers, status=status
    )


async def _nothing() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for piece in nothing:
        yield piece
