"""What the door itself has to refuse, each with the answer it becomes."""

from typing import ClassVar

from servicekit.values.errors import KeyaccountError


class GatewayError(KeyaccountError):
    """A refusal of the gateway's own: `status` and `title` are its answer, `headers` go along."""

    status: ClassVar[int]
    title: ClassVar[str]
    headers: tuple[tuple[bytes, bytes], ...] = ()


def _way_out(method: str) -> str:
    if method in {"GET", "HEAD", "OPTIONS"}:
        return "Try again."
    return "The request may have taken effect or not: repeat it with the same Idempotency-Key."


class SignInRefused(GatewayError):
    """No token, or one that is not good (any longer)."""

    status = 401
    title = "Not signed in"
    code = "not_signed_in"

    def __init__(self, message: str, *, challenge: str = "") -> None:
        super().__init__(message, field="header:Authorization")
        realm = 'Bearer realm="keyaccount"'
        self.headers = ((b"www-authenticate", f"{realm}, {challenge}".encode() if challenge else realm.encode()),)

    @classmethod
    def invalid(cls, reason: str) -> "SignInRefused":
        """Build the refusal of a token that was sent and does not count."""
        message = f"The access token {reason}. Get a new one at POST /v1/sign-in/token."
        return cls(message, challenge=f'error="invalid_token", error_description="The access token {reason}"')


class PathUnknown(GatewayError):
    """No route begins like this; `nearest` is the family of routes that is spelt most alike."""

    status = 404
    title = "No such path"
    code = "unknown_path"
    members = ("nearest",)

    def __init__(self, path: str, nearest: str | None) -> None:
        hint = f"Did you mean {nearest}?" if nearest else "The API begins at /v1/."
        super().__init__(f"There is nothing at {path[:200]}. {hint} Its reference is at /docs.")
        self.nearest = nearest


class PathAmbiguous(GatewayError):
    """A path with `.` or `..` in it can mean two things to two readers."""

    status = 400
    title = "Malformed path"
    code = "malformed_path"

    def __init__(self) -> None:
        super().__init__("Send the path as it is meant: without '.' and '..' segments, in ASCII.")


class MethodUnknown(GatewayError):
    """The method is not offered here; `allowed` are."""

    status = 405
    title = "Method not allowed"
    code = "method_not_allowed"

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(f"{method} is not offered here; {allowed} are.")
        self.headers = ((b"allow", allowed.encode()),)


class HeaderMalformed(GatewayError):
    """A header that cannot be passed on as it came."""

    status = 400
    title = "Malformed header"
    code = "malformed_header"

    def __init__(self, name: str) -> None:
        super().__init__("A header has to be UTF-8 text without control characters.", field=f"header:{name}")


class BodyTooLarge(GatewayError):
    """The body is over the limit; what is left of it is not read, the connection ends."""

    status = 413
    title = "Body too large"
    code = "body_too_large"
    members = ("limit_bytes",)
    headers = ((b"connection", b"close"),)

    def __init__(self, limit: int) -> None:
        super().__init__(f"A request's body may have up to {limit} bytes. Send it in parts: POST …/batches takes 500.")
        self.limit_bytes = limit


class ClientStalled(GatewayError):
    """The client began a body and stopped sending it."""

    status = 408
    title = "Request timed out"
    code = "request_timeout"
    headers = ((b"connection", b"close"),)

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Nothing of the request's body came for {seconds:g} s.")


class ServiceDown(GatewayError):
    """A service cannot be reached; nothing was done."""

    status = 503
    title = "Service unavailable"
    code = "peer_unavailable"
    members = ("peer",)
    headers = ((b"retry-after", b"1"),)

    def __init__(self, peer: str) -> None:
        super().__init__(f"The service '{peer}' cannot be reached just now; nothing was done. Try again.")
        self.peer = peer


class AnswerLost(GatewayError):
    """A service took the request and went away before it answered."""

    status = 502
    title = "Answer lost"
    code = "answer_lost"
    members = ("peer",)
    headers = ((b"retry-after", b"2"),)

    def __init__(self, peer: str, method: str) -> None:
        super().__init__(f"The service '{peer}' went away before it answered. {_way_out(method)}")
        self.peer = peer


class DeadlinePassed(GatewayError):
    """A service did not answer in time."""

    status = 504
    title = "Deadline passed"
    code = "deadline_passed"
    members = ("peer",)

    def __init__(self, peer: str, method: str, seconds: float) -> None:
        super().__init__(f"The service '{peer}' did not answer within {seconds:g} s. {_way_out(method)}")
        self.peer = peer


class Fault(GatewayError):
    """A bug of ours; the log has the rest under the trace id."""

    status = 500
    title = "Internal error"
    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("Something is wrong on our side. Report it with the trace id.")


class OriginNotAllowed(GatewayError):
    """A page asks whether it may call, and its origin is not among those that may."""

    status = 403
    title = "Origin not allowed"
    code = "origin_not_allowed"

    def __init__(self) -> None:
        message = "Pages of this origin may not call the API: an operator adds it to KEYACCOUNT_ALLOWED_ORIGINS."
        super().__init__(message, field="header:Origin")


class TooManyRequests(GatewayError):
    """The client has used up what it may ask for; `policy` says by which limit."""

    status = 429
    title = "Too many requests"
    code = "too_many_requests"
    members = ("policy",)

    def __init__(self, policy: str, seconds: int) -> None:
        super().__init__(f"That was too much for the limit '{policy}'. Go on in {seconds} s, and more slowly.")
        self.policy = policy
        self.headers = ((b"retry-after", str(seconds).encode()),)


class TooManyAtOnce(GatewayError):
    """Too many of the client's requests are under way."""

    status = 429
    title = "Too many requests"
    code = "too_many_at_once"
    members = ("limit",)
    headers = ((b"retry-after", b"1"),)

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} of your requests are under way: wait for one of them, then send this again.")
        self.limit = limit


class QueryTooLong(GatewayError):
    """The query has too many bytes."""

    status = 414
    title = "URI too long"
    code = "query_too_long"
    members = ("limit_bytes",)

    def __init__(self, limit: int) -> None:
        super().__init__(f"A query may have up to {limit} bytes.")
        self.limit_bytes = limit


class TooManyParameters(GatewayError):
    """The query has more parameters than any list has filters."""

    status = 400
    title = "Malformed query"
    code = "too_many_parameters"
    members = ("limit",)

    def __init__(self, limit: int) -> None:
        super().__init__(f"A query may have up to {limit} parameters.", field="query:*")
        self.limit = limit


class RequestMalformed(GatewayError):
    """What came is not HTTP, or could be read in two ways."""

    status = 400
    title = "Bad Request"
    code = "malformed"

    def __init__(self) -> None:
        super().__init__("This is not a valid HTTP request: see to its request line, headers and framing.")


class HeadTooLarge(GatewayError):
    """Request line and headers are over the limit."""

    status = 431
    title = "Request Header Fields Too Large"
    code = "head_too_large"
    members = ("limit_bytes",)

    def __init__(self, limit: int) -> None:
        super().__init__(f"Request line and headers may have up to {limit} bytes.")
        self.limit_bytes = limit
