"""One error body for everything: RFC 9457 problem details with a stable `code`."""

import logging
import sys
from typing import Any, TypeGuard
from uuid import uuid4

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from cardgen.http.near_paths import hint
from cardgen.http.told import detail_of
from toolkit import tally
from toolkit.database import AWAY, is_outage
from toolkit.refusals import Refusal
from toolkit.requests import InvalidRequest
from toolkit.totals import Total

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
REFUSED = Total(
    name="cardgen_refused_total",
    help="Requests answered with a problem, by its code (docs/errors.md).",
    labels=("code",),
)
REFUSAL_STATUS = {
    "range_exhausted": status.HTTP_409_CONFLICT,
    "not_claimable": status.HTTP_409_CONFLICT,
    "cards_purged": status.HTTP_410_GONE,
    "illegal_move": status.HTTP_409_CONFLICT,
    "request_in_flight": status.HTTP_409_CONFLICT,
    "invalid_idempotency_key": status.HTTP_400_BAD_REQUEST,
    "too_many_webhooks": status.HTTP_409_CONFLICT,
    "too_many_profiles": status.HTTP_409_CONFLICT,
    "profile_exists": status.HTTP_409_CONFLICT,
    "too_many_keys": status.HTTP_409_CONFLICT,
    "key_held": status.HTTP_409_CONFLICT,
    "last_administrator": status.HTTP_409_CONFLICT,
    "own_account": status.HTTP_409_CONFLICT,
    "delivery_waiting": status.HTTP_409_CONFLICT,
    "exclusion_in_use": status.HTTP_409_CONFLICT,
    "import_finished": status.HTTP_409_CONFLICT,
    "import_running": status.HTTP_409_CONFLICT,
    "range_overlaps": status.HTTP_409_CONFLICT,
    "too_few_last_fours": status.HTTP_409_CONFLICT,
    "job_cancelled": status.HTTP_409_CONFLICT,
    "job_failed": status.HTTP_500_INTERNAL_SERVER_ERROR,
    "job_unfinished": status.HTTP_409_CONFLICT,
    "https_required": status.HTTP_403_FORBIDDEN,
    "quota_exceeded": status.HTTP_429_TOO_MANY_REQUESTS,
    "beyond_share": status.HTTP_409_CONFLICT,
    "priority_reserved": status.HTTP_403_FORBIDDEN,
    "event_reserved": status.HTTP_403_FORBIDDEN,
    "no_room": status.HTTP_503_SERVICE_UNAVAILABLE,
    "unavailable": status.HTTP_503_SERVICE_UNAVAILABLE,
    "too_many_requests": status.HTTP_429_TOO_MANY_REQUESTS,
    "too_many_logins": status.HTTP_429_TOO_MANY_REQUESTS,
    "logins_closed": status.HTTP_503_SERVICE_UNAVAILABLE,
}
_NOT_YOURS = (
    "Your role does not allow this. Your account (/account) says what it allows; an administrator"
    " can give you another."
)
_RANGE_REFUSALS = {"range_disabled", "unregistered_iin", "beyond_share", "priority_reserved"}
CODES = {
    status.HTTP_400_BAD_REQUEST: ("invalid_request", "The request is not valid"),
    status.HTTP_401_UNAUTHORIZED: ("not_authenticated", "Sign in or send an API key"),
    status.HTTP_403_FORBIDDEN: ("forbidden", "Not allowed"),
    status.HTTP_404_NOT_FOUND: ("not_found", "There is nothing here"),
    status.HTTP_405_METHOD_NOT_ALLOWED: ("method_not_allowed", "Method not allowed"),
    status.HTTP_406_NOT_ACCEPTABLE: ("not_acceptable", "No such representation"),
    status.HTTP_409_CONFLICT: ("conflict", "Not possible now"),
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: ("too_large", "The request is too large"),
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: (
        "unsupported_media_type",
        "No such media type here",
    ),
    status.HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE: ("range_not_satisfiable", "No such part"),
    status.HTTP_422_UNPROCESSABLE_ENTITY: ("refused", "The request cannot be done"),
    status.HTTP_429_TOO_MANY_REQUESTS: ("too_many_requests", "Too many requests"),
    status.HTTP_500_INTERNAL_SERVER_ERROR: ("internal_error", "Something went wrong here"),
    status.HTTP_503_SERVICE_UNAVAILABLE: ("unavailable", "Try again in a few seconds"),
}


def problem(code: int, *, detail: str = "", name: str = "", **facts: object) -> dict[str, Any]:
    """Build the body: `type`, `title`, `status`, `code`, `detail` and whatever facts help."""
    default_name, title = CODES.get(code, ("error", "Error"))
    body = {
        "type": f"urn:cardgen:problem:{name or default_name}",
        "title": title,
        "status": code,
        "code": name or default_name,
        "detail": detail or title + ".",
    }
    return body | facts


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Turn any exception of an API view into a problem; unknown ones get an id to find them by."""
    set_rollback()
    if isinstance(error, Http404 | DjangoPermissionDenied):
        error = (
            exceptions.NotFound() if isinstance(error, Http404) else exceptions.PermissionDenied()
        )
    if isinstance(error, Refusal):
        _count(error, context.get("request"))
        return _response(problem_of(error), headers=_retry_headers(error))
    if isinstance(error, RequestDataTooBig):
        return _response(problem(413, detail="A request body may have at most 2.5 MB."))
    if isinstance(error, SuspiciousOperation):
        return _response(
            problem(400, detail="The request has too many fields or is otherwise out of bounds.")
        )
    if isinstance(error, exceptions.APIException):
        return _response(_from_api_exception(error, context), headers=_headers(error))
    return _response(_unexpected(error), headers=_retry_headers(error))


def _count(refusal: Refusal, request: Any) -> None:
    """Count refusals that tell something of who asks (cardgen.anomalies)."""
    if request is None or not request.user.is_authenticated:
        return
    if refusal.code in _RANGE_REFUSALS:
        tally.add(f"refused {tally.who(request)}")
    elif isinstance(places := refusal.facts.get("places"), list):
        iin = str(refusal.facts.get("range", ""))[:6]
        tally.add(f"missed {tally.who(request)} {iin or 'unknown'}", len(places))


def _from_api_exception(error: exceptions.APIException, context: dict[str, Any]) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        also = error.also if isinstance(error, InvalidRequest) else []
        errors = [*_flatten(error.detail), *also]
        return problem(error.status_code, detail=_summary(errors), errors=errors)
    name = "malformed_json" if isinstance(error, exceptions.ParseError) else ""
    return problem(error.status_code, detail=detail_of(error, context), name=name)


def _flatten(detail: Any, pointer: str = "") -> Any:
    """List validation errors with JSON pointers (RFC 6901) to the places they are about."""
    if isinstance(detail, dict):
        for field, inner in detail.items():
            here = "" if field == "non_field_errors" else f"/{field}"
            yield from _flatten(inner, pointer + here)
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        for index, inner in enumerate(detail):
            if inner:
                yield from _flatten(inner, f"{pointer}/{index}")
    else:
        for message in detail if isinstance(detail, list) else [detail]:
            yield {"pointer": _printable(pointer), "detail": _printable(str(message))}


def _printable(text: str) -> str:
    """Escape what UTF-8 cannot hold: JSON lets lone surrogates into names."""
    return text.encode("utf-8", "backslashreplace").decode()


def _summary(errors: list[dict[str, str]]) -> str:
    return " ".join(f"{e['pointer'].lstrip('/') or 'body'}: {e['detail']}" for e in errors[:5])


def _unexpected(error: Exception) -> dict[str, Any]:
    if _is_away(error):
        return _unavailable(error)
    incident = uuid4()
    logger.error("incident %s", incident, exc_info=error)
    return problem(500, detail="The log has more under this id.", incident=str(incident))


def _is_away(error: BaseException | None) -> TypeGuard[Exception]:
    """Tell whether asked again it may succeed: also where the server takes no writes just now."""
    return isinstance(error, Exception) and (isinstance(error, AWAY) or is_outage(error))


def _unavailable(error: Exception) -> dict[str, Any]:
    logger.warning("database unavailable: %s", type(error).__name__)
    return problem(
        503,
        detail="The database does not answer, or takes no writes now. Nothing was done; try again.",
    )


def problem_of(refusal: Refusal) -> dict[str, Any]:
    """Build the body of a refusal."""
    code = REFUSAL_STATUS.get(refusal.code, status.HTTP_422_UNPROCESSABLE_ENTITY)
    return problem(code, detail=refusal.detail, name=refusal.code, **refusal.facts)


def _retry_headers(error: Exception) -> dict[str, str]:
    if isinstance(error, Refusal):
        seconds = error.facts.get("retry_after")
        return {} if seconds is None else {"Retry-After": str(seconds)}
    return {"Retry-After": "5"} if _is_away(error) else {}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(challenge)
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def _response(body: dict[str, Any], *, headers: dict[str, str] | None = None) -> Response:
    REFUSED.add(body["code"])
    return Response(body, status=body["status"], headers=headers or {}, content_type=MEDIA_TYPE)


def page_error(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Answer an error outside DRF: a problem for the API and its clients, a page for people."""
    REFUSED.add(body["code"])
    code = body["status"]
    if request.path_info.startswith("/api") or not request.accepts("text/html"):
        return JsonResponse(body, status=code, content_type=MEDIA_TYPE)
    return render(request, "error.html", body, status=code)


def refused_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer a refusal outside DRF."""
    response = page_error(request, problem_of(refusal))
    for name, value in _retry_headers(refusal).items():
        response[name] = value
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return page_error(request, problem(400))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return page_error(request, problem(403, detail=_NOT_YOURS))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    detail = "The form has expired: reload the page and try again."
    return page_error(request, problem(403, detail=detail))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404; to users of the API it says which path may be meant."""
    detail = hint(request.path_info) if request.path_info.startswith("/api") else ""
    return page_error(request, problem(404, detail=detail))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the exception is handled.

    Django logs it with its traceback, beside this id; but not a database that is away.
    """
    error = sys.exception()
    if _is_away(error):
        response = page_error(request, _unavailable(error))
        response["Retry-After"] = _retry_headers(error)["Retry-After"]
        response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
        return response
    incident, match = uuid4(), request.resolver_match
    # The path is the client's: only the route it led to is named.
    logger.error("incident %s in %s", incident, match.view_name if match else "no route")
    return page_error(request, problem(500, incident=str(incident)))
