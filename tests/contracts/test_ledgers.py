"""Every published operation is served exactly once, by a handler that calls the domain, or stands below as not yet."""

import pytest
from tests.contracts.published import Published

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.documents import plain, published
from frontdesk.contracts.hekax import HEKAX
from frontdesk.contracts.reactivation import REACTIVATION
from frontdesk.ledger import entries, use_cases_of

CONTRACTS = {"reactivation": REACTIVATION, "hekax": HEKAX}
SERVED = {"reactivation": 27, "hekax": 38}
NOT_YET = {
    # the coach, analytics, users, integrations and the calendar
    "reactivation": {
        "list_insights",
        "agree_with_insight",
        "disagree_with_insight",
        "dismiss_insight",
        "list_lessons",
        "create_lesson",
        "update_lesson",
        "archive_lesson",
        "get_prompt",
        "update_prompt",
        "make_prompt_live",
        "analyze_message",
        "analyze_conversation",
        "detect_patterns",
        "receive_calcom_event",
        "get_analytics_overview",
        "get_sophie_impact",
        "compare_datasets",
        "export_analytics",
        "list_users",
        "invite_user",
        "update_user",
        "deactivate_user",
        "get_integration_status",
        "cron_sophie_analysis",
        "cron_pattern_detection",
        "check_availability",
        "create_booking",
    },
    "hekax": set(),
}
"""What is published and still to come. These lists only shrink."""

each = pytest.mark.parametrize("name", CONTRACTS)

AUTH_OF = {
    "none": Auth.OPEN,
    "user": Auth.USER,
    "admin": Auth.USER,  # which role it takes is for the service to say
    "cron": Auth.CRON,
    "internal": Auth.CRON,  # programs of the operator's
    "webhook-signature": Auth.SIGNATURE,
}


@each
def test_each_operation_is_served_once_or_not_yet(name: str) -> None:
    ledger = entries(name, CONTRACTS[name])
    assert {entry.operation_id for entry in ledger if not entry.served} == NOT_YET[name]
    assert [entry for entry in ledger if len(entry.handlers) > 1] == []
    assert sum(entry.served for entry in ledger) == SERVED[name]


@each
def test_each_handler_is_called_as_its_operation_and_calls_the_domain(name: str) -> None:
    for entry in entries(name, CONTRACTS[name]):
        for handler in entry.handlers:
            assert handler.operation_id == entry.operation_id == handler.fn.__name__
            assert entry.use_cases, entry


@each
def test_each_route_is_published_or_marked_as_an_extension(name: str) -> None:
    document = published(name)
    places = {(method.upper(), plain(path)) for path, item in document["paths"].items() for method in item}
    for handler in CONTRACTS[name].routes:
        for path in handler.paths:
            for method in handler.http_methods:
                beside = (str(method), plain(path)) not in places
                assert beside == handler.opt.get("extension", False), path


@each
def test_each_operation_is_guarded_and_limited_as_its_document_says(name: str) -> None:
    document = published(name)
    for entry in entries(name, CONTRACTS[name]):
        told = document["paths"][entry.path][entry.method.lower()]
        for handler in entry.handlers:
            auth = handler.opt.get("auth", Auth.USER)
            assert auth is AUTH_OF[told["x-auth"]], entry
            if auth in (Auth.USER, Auth.OPEN):
                assert handler.opt.get("limit", CONTRACTS[name].usual_limit) == told["x-rate-limit"]["class"], entry


@each
def test_the_limits_are_those_of_the_document(name: str) -> None:
    told = {limit["class"]: limit for limit in published(name)["x-rate-limits"]["classes"]}
    seconds = {"1m": 60, "1h": 3600}
    for limit in CONTRACTS[name].limits.values():
        document = told[limit.name]
        assert (limit.most, limit.seconds) == (document["limit"], seconds[document["window"]])
        assert limit.per == document.get("scope", limit.per)  # where the document says what is counted


@each
def test_the_served_document_is_a_superset(name: str, published: dict[str, Published]) -> None:
    from frontdesk.contracts._http.documents import published as original

    contract = CONTRACTS[name]
    served = published[contract.prefix].document
    for path, item in original(name)["paths"].items():
        for method, told in item.items():
            found = dict(served["paths"][path][method])
            assert found.pop("x-not-served-yet", False) == (told["operationId"] in NOT_YET[name])
            assert found == told
    extensions = {
        operation["operationId"]
        for item in served["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("x-extension")
    }
    assert extensions == {handler.operation_id for handler in contract.routes if handler.opt.get("extension")}
    for handler in contract.routes:
        assert handler.opt.get("extension") or use_cases_of(handler)
