"""HTTP and WebSocket entry point."""

import os

import django
from channels.routing import ProtocolTypeRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")
django.setup(set_prefix=False)  # loads the applications, which the imports below need

from cardgen.access.authentication.sockets import identify  # noqa: E402
from cardgen.access.limits import handshakes  # noqa: E402
from cardgen.bounds import body_limits, gate, measured  # noqa: E402
from cardgen.http.transport import WssOnly  # noqa: E402
from cardgen.server import Feeding, Handler, Handshakes, KnownClient, Rooted, replace_classes  # noqa: E402
from jobs.watching import recent, snapshot, teams_of  # noqa: E402
from realtime.feeds import MOST_FRAME_BYTES, CloseCode  # noqa: E402
from realtime.listening import stop_waiting  # noqa: E402
from realtime.routing import sockets  # noqa: E402

websocket = sockets(identify=identify, snapshot=snapshot, recent=recent, teams_of=teams_of)
replace_classes(
    most_frame_bytes=MOST_FRAME_BYTES,
    bodies=body_limits(),
    close_code=CloseCode.TRY_AGAIN,
    wake=stop_waiting,
)
application = Rooted(
    KnownClient(
        ProtocolTypeRouter(  # type: ignore[no-untyped-call]
            {
                "http": measured(gate(Feeding(Handler()))),  # type: ignore[arg-type]
                "websocket": Handshakes(WssOnly(websocket), handshakes),
            }
        )
    )
)
