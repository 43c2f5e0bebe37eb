"""What the framework's own exceptions say to callers: in our words, with what to do."""

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework import exceptions

HOW_TO_SIGN_IN = (
    "Send an API key: `Authorization: Bearer KEY`, or `X-API-Key: KEY`. Make one on the page /keys,"
    " or in a terminal: cardgen create_api_key --user NAME --name PURPOSE."
)


def detail_of(error: exceptions.APIException, context: dict[str, Any]) -> str:
    """Say what went wrong and what to do; what our own code said stays as it is."""
    if not str(error.detail).startswith(str(error.default_detail).partition("{")[0]):
        return str(error.detail)
    for kind, say in _SAID.items():
        if isinstance(error, kind):
            return say(error, context.get("view"))
    return str(error.detail)


def _sign_in(_error: Any, _view: Any) -> str:
    return HOW_TO_SIGN_IN


def _nobody(_error: Any, _view: Any) -> str:
    return "You may not do that."


def _media_type(_error: Any, view: Any) -> str:
    taken = " or ".join(parser.media_type for parser in view.parser_classes)
    return f"Send the header Content-Type: {taken} (curl: -H 'Content-Type: {taken}')."


def _method(_error: Any, view: Any) -> str:
    allowed = [one for one in view.allowed_methods if one != "OPTIONS"]
    return f"That method is not possible here: send {' or '.join(allowed)}."


def _missing(_error: Any, _view: Any) -> str:
    return "There is none of that name or id, or it is not yours to see."


def _representation(_error: Any, _view: Any) -> str:
    return "Send the header Accept: application/json, or leave it out."


def _throttled(error: Any, _view: Any) -> str:
    return f"Too many requests: try again in {int(error.wait or 1)} s."


_SAID: Mapping[type[exceptions.APIException], Callable[[Any, Any], str]] = {
    exceptions.NotAuthenticated: _sign_in,
    exceptions.AuthenticationFailed: _sign_in,
    exceptions.PermissionDenied: _nobody,
    exceptions.NotFound: _missing,
    exceptions.MethodNotAllowed: _method,
    exceptions.NotAcceptable: _representation,
    exceptions.UnsupportedMediaType: _media_type,
    exceptions.Throttled: _throttled,
}
