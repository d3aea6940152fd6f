"""`keyaccount up` whose processes are started by `tests.faults.serving`: `python -m tests.faults.starting`."""

import sys

from keyaccount import supervisor
from keyaccount.main import application

service_command, gateway_command = supervisor.service_command, supervisor.gateway_command


def _service_command(service: str, port: int) -> tuple[str, ...]:
    return supervisor.python("-m", "tests.faults.serving", service, *service_command(service, port)[1:])


def _gateway_command() -> tuple[str, ...]:
    return supervisor.python("-m", "tests.faults.serving", "gateway", *gateway_command()[1:])


if __name__ == "__main__":
    supervisor.service_command = _service_command
    supervisor.gateway_command = _gateway_command
    sys.argv = ["keyaccount", "up"]
    application()
