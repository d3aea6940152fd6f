"""Asking a process on a loopback port whether it is there."""

import http.client


def answers(port: int, path: str = "/health/ready") -> bool:
    """Whether what listens on a loopback port answers `path` with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
