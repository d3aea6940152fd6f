"""Database URLs and their parts, as asyncpg and libpq read them."""

from urllib.parse import quote, unquote, urlsplit


def with_database(url: str, database: str) -> str:
    """Return `url` leading to another database of the same server."""
    return urlsplit(url)._replace(path=f"/{quote(database, safe='')}").geturl()


def for_role(admin_url: str, database: str, role: str, password: str) -> str:
    """Return the URL by which `role` reaches `database` on the server of `admin_url`."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{quote(role, safe='')}:{quote(password, safe='')}@{host}"
    return with_database(parts._replace(netloc=netloc).geturl(), database)


def with_password(url: str, password: str) -> str:
    """Return `url` with a password, unless it carries one or none is given."""
    parts = urlsplit(url)
    if not url or not password or parts.password is not None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{host}").geturl()


def password_in(url: str) -> str:
    """Return the password that a URL carries, empty when none."""
    return unquote(urlsplit(url).password or "")


def without_password(url: str) -> str:
    """Return the URL for showing it to people."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:…@{host}").geturl()
