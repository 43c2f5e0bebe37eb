"""How a request of the API gets to its view: in one step to a thread, and back with the answer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache
from typing import IO, Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import HttpResponseBase
from django.urls import Resolver404, resolve, set_script_prefix
from django.utils.decorators import sync_and_async_middleware
from servestatic.middleware import ServeStaticMiddleware

from cardgen.server.rooted import RootedRequest
from toolkit.streams import give_back

_API = "/api/v1/"
_THREADS = 64  # more than there are database connections: what needs none does not wait for one
_MOST_PATHS = 1_024


class Handler(ASGIHandler):
    """Django's handler, but for views of the API that are plain functions.

    Django changes between the event loop and a new thread at each middleware, twice, and again for
    each signal: that took longer than all the rest. Where the view runs in a thread anyway, all of
    the request does, and threads are kept.
    """

    request_class = RootedRequest

    def __init__(self) -> None:
        super().__init__()
        self._plain = BaseHandler()
        self._plain.load_middleware()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="api")

    async def handle(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request, in one step to a thread if its view needs no more."""
        if not scope["path"].startswith(_API) or _is_async(scope["path"]):
            await super().handle(scope, receive, send)
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop, context = asyncio.get_running_loop(), copy_context()
        step = loop.run_in_executor(self._threads, context.run, self._answer, scope, body)
        response = await step
        if response.streaming:
            await self._stream(response, receive, send)
        else:
            await self.send_response(response, send)

    def _answer(self, scope: dict[str, Any], body: IO[bytes]) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        with body:
            request, refusal = self.create_request(scope, body)
            # One of the two is None; the other's type does not follow from that.
            response = refusal or self._plain.get_response(request)  # type: ignore[arg-type]
        if response.streaming:
            give_back()  # the stream is read in another thread
        else:
            response.close()  # the request is finished; its content stays
        return response

    async def _stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Send pieces until they end or the client has gone, of which the next message tells."""
        sending = asyncio.create_task(self.send_response(response, send))
        gone = asyncio.create_task(receive())
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            gone.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)
            await sync_to_async(response.close)()


@lru_cache(_MOST_PATHS)
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
