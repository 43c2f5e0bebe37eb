"""How a request of the API gets to its view: in one step to a thread, and back with the answer."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.decorators import sync_and_async_middleware
from servestatic.middleware import ServeStaticMiddleware

_API = "/api/v1/"


class Handler(ASGIHandler):
    """Django's handler, but for views of the API that are plain functions.

    Django changes between the event loop and the request's thread at each middleware, twice: for
    nine of them it took longer than all the rest. Where the view runs in the thread anyway, the
    middleware does too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._in_thread = BaseHandler()
        self._in_thread.load_middleware()

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if request.path_info.startswith(_API) and not _is_async(request.path_info):
            answer = sync_to_async(self._in_thread.get_response, thread_sensitive=True)
            return await answer(request)
        return await super().get_response_async(request)


def _is_async(path: str) -> bool:
    try:
        return iscoroutinefunction(resolve(path).func)
    except Resolver404:
        return False


@sync_and_async_middleware
def static_files(get_response: Callable[..., Any]) -> Callable[..., Any]:
    """Serve the files of pages, in the event loop alone: under the API's paths there are none."""
    if iscoroutinefunction(get_response):
        return ServeStaticMiddleware(get_response)
    return get_response
