"""A path that a proxy puts before all: taken off here, whether the proxy takes it off or not.

What stands behind compares paths as the routes have them, so no rule is passed by a prefix.
"""

from typing import Any

from django.core.handlers.asgi import ASGIRequest

from realtime.origin import Application, Receive, Scope, Send


class Rooted:
    """Has everything behind it see paths without `daphne --root-path`."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take it off once. Sockets have no addresses to write, so they need not know it."""
        root = str(scope.get("root_path") or "").rstrip("/")
        if root and scope["type"] in ("http", "websocket"):
            scope = {**scope, "path": below(root, scope["path"])}
            if scope["type"] == "websocket":
                scope["root_path"] = ""
        await self._application(scope, receive, send)


class RootedRequest(ASGIRequest):
    """A request whose `path` is the one that the client knows: with what was taken off."""

    def __init__(self, scope: dict[str, Any], body_file: Any) -> None:
        super().__init__(scope, body_file)
        self.path = f"{(self.script_name or '').rstrip('/')}{self.path_info}"


def below(root: str, path: str) -> str:
    """Return the path without `root`, if it begins with it."""
    return (path.removeprefix(root) or "/") if f"{path}/".startswith(f"{root}/") else path
