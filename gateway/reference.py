"""The reference page at /docs: Swagger UI over the merged document, all of it served by ourselves."""

from functools import lru_cache
from importlib.resources import files

from gateway.assets import SWAGGER_UI_VERSION

PAGE_TYPE = b"text/html; charset=utf-8"
_TYPES = {"js": b"text/javascript; charset=utf-8", "css": b"text/css; charset=utf-8"}

ASSETS_PATH = f"/docs/assets/{SWAGGER_UI_VERSION}/"
_SERVED = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "reference.js"})

PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Keyaccount API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{ASSETS_PATH}swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<noscript>This page needs JavaScript; the document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="{ASSETS_PATH}swagger-ui-bundle.js"></script>
<script src="{ASSETS_PATH}reference.js"></script>
</body>
</html>
""".encode()

CONTENT_SECURITY_POLICY = b"; ".join(
    (
        b"default-src 'none'",
        b"script-src 'self'",
        b"style-src 'self'",
        b"img-src 'self' data:",
        b"connect-src 'self'",
        b"base-uri 'none'",
        b"form-action 'none'",
        b"frame-ancestors 'none'",
    )
)

PAGE_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),
)

ASSET_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"public, max-age=31536000, immutable"),
)


@lru_cache(maxsize=16)
def asset(path: str) -> tuple[bytes, bytes] | None:
    """Return content type and content of one of the page's files, if the path is one's."""
    name = path.removeprefix(ASSETS_PATH)
    if name == path or name not in _SERVED:
        return None
    return _TYPES[name.rsplit(".", 1)[1]], files("gateway.assets").joinpath(name).read_bytes()
