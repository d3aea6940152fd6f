import pytest

from gateway.errors import PathAmbiguous, PathUnknown
from gateway.routes import FAMILIES, family_of, nearest_family


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (b"/v1/sign-in/token", "team"),
        (b"/v1/people", "team"),
        (b"/v1/org-chart/changes", "team"),
        (b"/v1/team/events", "team"),
        (b"/v1/customers/0190b5a0/assignments", "customer"),
        (b"/v1/contacts/batches", "customer"),
        (b"/v1/customer/audit", "customer"),
        (b"/v1/funnel", "opportunity"),
        (b"/v1/opportunities/by-reference/crm/A.1", "opportunity"),
        (b"/v1/exchange-rates/batches", "opportunity"),
        (b"/v1/forecast-cycles", "forecast"),
        (b"/v1/demand-plans/1/lines", "forecast"),
        (b"/v1/forecast/events", "forecast"),
    ],
)
def test_first_segment_names_the_service(path: bytes, service: str) -> None:
    assert FAMILIES[family_of(path)] == service


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/v1/costumers", "/v1/customers"),
        ("/v1/opportunity_s", "/v1/opportunity"),
        ("/v1/product_lines/1", "/v1/product-lines"),
        ("/customers", "/v1/customers"),
        ("/v1/xyzzy", None),
        ("/", None),
    ],
)
def test_unknown_path_names_the_nearest_family(path: str, nearest: str | None) -> None:
    assert nearest_family(path) == nearest
    with pytest.raises(PathUnknown):
        family_of(path.encode())


@pytest.mark.parametrize(
    "path", [b"/v1", b"/v1/", b"/v2/customers", b"//v1/customers", b"/v1/%63ustomers", b"/V1/people"]
)
def test_only_the_exact_family_is_routed(path: bytes) -> None:
    with pytest.raises(PathUnknown):
        family_of(path)


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/sign-in/../people",
        b"/v1/sign-in/%2e%2E/people",
        b"/v1/sign-in/.%2e/people",
        b"/v1/sign-in/..%2fpeople",
        b"/v1/customers/./1",
    ],
)
def test_dot_segments_are_refused(path: bytes) -> None:
    with pytest.raises(PathAmbiguous):
        family_of(path)
