"""HTTP and WebSocket entry point."""

import os

import django
from channels.routing import ProtocolTypeRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")
django.setup(set_prefix=False)  # loads the applications, which the imports below need

from cardgen.access.sockets import guarded, identify  # noqa: E402
from cardgen.server import Handler, replace_classes  # noqa: E402
from jobs.watching import recent, snapshot  # noqa: E402
from realtime.consumers import MOST_FRAME_BYTES, CloseCode  # noqa: E402
from realtime.listening import stop_waiting  # noqa: E402
from realtime.routing import sockets  # noqa: E402
from uniqueness.exclusions.imports.forms import MOST_BYTES, TOO_LARGE  # noqa: E402

_FORM_BYTES = 1 << 20  # what a browser sends around a file
websocket = sockets(identify=guarded(identify), snapshot=guarded(snapshot), recent=guarded(recent))
replace_classes(
    most_frame_bytes=MOST_FRAME_BYTES,
    most_body_bytes=MOST_BYTES + _FORM_BYTES,
    detail=TOO_LARGE,
    close_code=CloseCode.TRY_AGAIN,
    wake=stop_waiting,
)
application = ProtocolTypeRouter(  # type: ignore[no-untyped-call]
    {"http": Handler(), "websocket": websocket}
)
