"""Pages and addresses: paths that climb, what is listed, what a page may load."""

import httpx
import pytest

from tests.e2e.serving import Server, request

CLIMBING = (
    "/help/../secrets.toml",
    "/help/..%2fsecrets.toml",
    "/help/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/help/....//....//etc/passwd",
    "/help/..%5c..%5csecrets.toml",
    "/help/%00",
    "/help/delivery-cost%00.md",
    "/help//etc/passwd",
    "/static/../app.py",
    "/static/..%2f..%2fapi/app.py",
    "/static/%2e%2e/templates/base.html",
    "/static//etc/passwd",
    "/static/../../../../var/secrets.toml",
    "/chat/../secrets.toml",
    "/chat/gradio_api/file=/etc/passwd",
    "/chat/static/../../../page.py",
    "/chat/assets/..%2f..%2f..%2fpage.py",
    "/.env",
    "/var/secrets.toml",
    "/secrets.toml",
    "/kefu.db",
)


def get(server: Server, path: str) -> httpx.Response:
    """Get a path as it is: nothing is tidied up on the way."""
    url = httpx.URL(server.url).copy_with(raw_path=path.encode())
    return request("GET", url)


@pytest.mark.parametrize("path", CLIMBING)
def test_a_path_that_climbs_leads_nowhere(kefu: Server, path: str) -> None:
    answer = get(kefu, path)

    assert answer.status_code in {307, 400, 403, 404, 405}
    for leaked in ("root:", "customer_secret", "SQLite format", "import ", "{% block"):
        assert leaked not in answer.text


def test_the_listed_addresses_are_those_of_customers_and_agents(kefu: Server) -> None:
    listed = set(request("GET", f"{kefu.url}/openapi.json").json()["paths"])

    assert listed == {
        "/healthz", "/readyz", "/metrics",
        "/api/v1/conversations", "/api/v1/conversations/{conversation_id}/messages",
        "/api/v1/conversations/{conversation_id}/live",
        "/api/v1/conversations/{conversation_id}/messages/{message_id}/feedback",
        "/api/v1/sessions", "/api/v1/handoffs", "/api/v1/handoffs/{conversation_id}",
        "/api/v1/handoffs/{conversation_id}/claim", "/api/v1/handoffs/{conversation_id}/messages",
        "/api/v1/handoffs/{conversation_id}/notes", "/api/v1/handoffs/{conversation_id}/give-back",
        "/api/v1/handoffs/{conversation_id}/resolve", "/api/v1/handoffs/{conversation_id}/live",
        "/webhooks/rest/", "/webhooks/rest/webhook", "/model/parse",
        "/conversations/{conversation_id}/tracker",
    }  # fmt: skip


def test_no_address_takes_a_customers_id(kefu: Server) -> None:
    paths = request("GET", f"{kefu.url}/openapi.json").json()["paths"]
    taken = {
        parameter["name"].lower()
        for operations in paths.values()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] != "header"
    }

    assert taken == {
        "conversation_id", "message_id", "after", "token", "include_events", "stream"
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/help", "/docs", "/help/nothing-here", "/chat/"])
def test_a_page_loads_nothing_from_another_host_and_cannot_be_framed(
    kefu: Server, path: str
) -> None:
    answer = request("GET", f"{kefu.url}{path}", headers={"Accept": "text/html"})

    policy = answer.headers["content-security-policy"]
    assert "http:" not in policy
    assert "https:" not in policy
    assert "*" not in policy
    assert "frame-ancestors" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_is_searched_in_the_help_is_shown_escaped(kefu: Server) -> None:
    for typed in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}"):
        answer = request("GET", f"{kefu.url}/help", params={"q": typed})
        assert answer.status_code == 200
        assert typed not in answer.text or typed == "{{7*7}}"


def test_metrics_count_and_name_nobody(kefu: Server) -> None:
    text = request("GET", f"{kefu.url}/metrics").text

    assert "kefu_refusals" in text
    for secret in ("C-1006", "CP-", "Aisha", "eyJ"):
        assert secret not in text


def test_the_page_of_a_server_without_demo_offers_no_customers(plain: Server) -> None:
    for path in ("/", "/chat/", "/chat/config"):
        answer = request("GET", f"{plain.url}{path}")
        assert "C-1001" not in answer.text
        assert "Okafor" not in answer.text


def test_pages_of_other_sites_may_not_read_answers(kefu: Server) -> None:
    answer = request(
        "GET",
        f"{kefu.url}/api/v1/conversations",
        headers={"Origin": "https://evil.example"},
    )
    asked = request(
        "OPTIONS",
        f"{kefu.url}/api/v1/conversations",
        headers={
            "Origin": "https://evil.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        },
    )

    assert "access-control-allow-origin" not in answer.headers
    assert asked.status_code == 400
    assert "access-control-allow-origin" not in asked.headers
