"""A port of its own for Prometheus: nobody who reaches the pages reaches this."""

from threading import Event

from prometheus_client import CollectorRegistry, start_http_server

from cardgen.metrics.collector import Collected


def serve(*, host: str, port: int, stop: Event) -> None:
    """Answer `GET /metrics` until told to stop.

    :raises OSError: if the port cannot be had
    """
    registry = CollectorRegistry()
    registry.register(Collected())
    server, thread = start_http_server(port, addr=host, registry=registry)
    stop.wait()
    server.shutdown()
    server.server_close()
    thread.join()
