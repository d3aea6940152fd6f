"""One of several processes of a service: `python -m keyaccount.worker SERVICE PORT OWN_PORT`.

All of them listen on the service's port, and the system deals new connections out among those that listen
(SO_REUSEPORT). Each also answers at a port of its own, where it is asked whether it is ready, and for its figures.
"""

import socket
import sys

GRACE_SECONDS = 20
"""What a request that is under way may still take."""
UVICORN = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "none",
    "lifespan": "on",
    "log_level": "warning",
    "timeout_keep_alive": 75,  # longer than our clients keep a connection, or they would meet a closed one
    "timeout_graceful_shutdown": GRACE_SECONDS,
}
"""How a service is served, whether by one process or by several."""

LOOPBACK = "127.0.0.1"


def listening(port: int, *, shared: bool) -> socket.socket:
    """Return a socket bound to a loopback port; others may bind a shared one too.

    It gets no connections before somebody listens on it, which uvicorn does when the service has started.
    """
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((LOOPBACK, port))
    return made


def main() -> None:
    """Serve until told to stop."""
    import uvicorn  # noqa: PLC0415 (whoever starts us needs the options alone)

    _, service, port, own_port = sys.argv
    own = listening(int(own_port), shared=False)  # first: it is nobody else's, so two instances do not mix
    config = uvicorn.Config(
        f"services.{service}.app:create_app",
        factory=True,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        **UVICORN,  # type: ignore[arg-type]
    )
    uvicorn.Server(config).run([listening(int(port), shared=True), own])


if __name__ == "__main__":
    main()
