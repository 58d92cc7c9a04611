"""Every published operation is served exactly once, by a handler that calls the domain, or stands below as not yet."""

from tests.contracts.published import Published

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.documents import plain, published
from frontdesk.contracts.reactivation import REACTIVATION
from frontdesk.ledger import entries, use_cases_of

NOT_YET = {
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
}
"""The coach, analytics, users, integrations and the calendar. This list only shrinks."""

AUTH_OF = {
    "user": Auth.USER,
    "admin": Auth.USER,  # which role it takes is for the service to say
    "cron": Auth.CRON,
    "internal": Auth.CRON,  # programs of the operator's
    "webhook-signature": Auth.SIGNATURE,
}


def test_each_operation_is_served_once_or_not_yet() -> None:
    ledger = entries("reactivation", REACTIVATION)
    assert {entry.operation_id for entry in ledger if not entry.served} == NOT_YET
    assert [entry for entry in ledger if len(entry.handlers) > 1] == []
    assert sum(entry.served for entry in ledger) == 27


def test_each_handler_is_called_as_its_operation_and_calls_the_domain() -> None:
    for entry in entries("reactivation", REACTIVATION):
        for handler in entry.handlers:
            assert handler.operation_id == entry.operation_id == handler.fn.__name__
            assert entry.use_cases, entry


def test_each_route_is_published_or_marked_as_an_extension() -> None:
    document = published("reactivation")
    places = {(method.upper(), plain(path)) for path, item in document["paths"].items() for method in item}
    for handler in REACTIVATION.routes:
        for path in handler.paths:
            for method in handler.http_methods:
                beside = (str(method), plain(path)) not in places
                assert beside == handler.opt.get("extension", False), path


def test_each_operation_is_guarded_and_limited_as_its_document_says() -> None:
    document = published("reactivation")
    for entry in entries("reactivation", REACTIVATION):
        told = document["paths"][entry.path][entry.method.lower()]
        for handler in entry.handlers:
            assert handler.opt.get("auth", Auth.USER) is AUTH_OF[told["x-auth"]], entry
            if told["x-auth"] in ("user", "admin"):
                assert handler.opt.get("limit", "standard") == told["x-rate-limit"]["class"], entry


def test_the_limits_are_those_of_the_document() -> None:
    told = {each["class"]: each for each in published("reactivation")["x-rate-limits"]["classes"]}
    seconds = {"1m": 60, "1h": 3600}
    for name, limit in REACTIVATION.limits.items():
        document = told[name]
        assert (limit.most, limit.seconds) == (document["limit"], seconds[document["window"]])
        assert limit.per == document["scope"]


def test_the_served_document_is_a_superset(published: dict[str, Published]) -> None:
    from frontdesk.contracts._http.documents import published as original

    served = published["/reactivation"].document
    for path, item in original("reactivation")["paths"].items():
        for name, told in item.items():
            found = dict(served["paths"][path][name])
            assert found.pop("x-not-served-yet", False) == (told["operationId"] in NOT_YET)
            assert found == told
    extensions = {
        operation["operationId"]
        for item in served["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("x-extension")
    }
    assert extensions == {handler.operation_id for handler in REACTIVATION.routes if handler.opt.get("extension")}
    for handler in REACTIVATION.routes:
        assert handler.opt.get("extension") or use_cases_of(handler)
