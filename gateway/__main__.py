"""Runs the gateway: `python -m gateway`."""

import os

import structlog
import uvicorn

from gateway.app import Gateway
from gateway.protocol import GatewayProtocol
from gateway.settings import SettingInvalid, settings_from
from servicekit.run.logs import configure_logs, take_over_logging

DRAIN_SECONDS = 10


def server_config(application: Gateway, host: str, port: int) -> uvicorn.Config:
    """Return how the gateway is served: our protocol, our log lines, no trust in what a client says of its address."""
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        http=GatewayProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def main() -> None:
    """Serve until told to stop."""
    configure_logs("gateway", os.environ.get("KEYACCOUNT_LOG_LEVEL", "INFO"))
    take_over_logging()
    try:
        application = Gateway(settings_from())
    except SettingInvalid as error:
        structlog.get_logger().error("setting invalid", detail=str(error))
        raise SystemExit(2) from None
    port = int(os.environ.get("KEYACCOUNT_PORT", "8080"))
    host = os.environ.get("KEYACCOUNT_HOST") or "127.0.0.1"
    uvicorn.Server(server_config(application, host, port)).run()


if __name__ == "__main__":
    main()
