"""See webhooks arrive."""

import json
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from jobs.models import Event
from jobs.webhooks import Message, delete, new_secret, receiver, register
from toolkit.command_line import ending_plainly, owner_named, whole, written
from toolkit.commands import OperatorCommand


class Command(OperatorCommand):
    """Messages on stdout, everything else on stderr."""

    help = (
        "Register a webhook that points here, print what arrives with its signature checked, and"
        " delete it again at Ctrl-C. The service needs CARDGEN_WEBHOOK_NETWORKS=127.0.0.1/32."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--user", help="whose jobs are told; the first administrator's if absent"
        )
        parser.add_argument(
            "--port", type=whole(least=1_024, most=65_535), default=0, help="a free one if absent"
        )

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Listen until interrupted."""
        owner, secret = owner_named(options["user"]), new_secret()
        with written("to that port"):
            server = receiver(port=options["port"], secret=secret, shown=self._show)
        with server:
            url = f"http://127.0.0.1:{server.server_port}/"
            made = register(owner=owner, url=url, events=[Event.JOB_FINISHED], secret=secret)
            self.stderr.write(f"{url} is told of the jobs of {owner.username}; Ctrl-C ends it")
            try:
                with suppress(KeyboardInterrupt):
                    server.serve_forever()
            finally:
                delete(made.webhook.id, owner=owner)
            self.stderr.write("ended; the webhook is deleted")

    def _show(self, message: Message) -> None:
        """Write a line for a message: what it is, whether it is genuine, its body."""
        signed = "signature right" if message.genuine else "SIGNATURE WRONG"
        body = json.dumps(json.loads(message.body)) if message.genuine else "not shown"
        self.stdout.write(f"{message.event}\t{message.delivery}\t{signed}\t{body}")
        self.stdout.flush()  # into a file or a pipe it would wait for more
