"""Which errors an operation can answer: statuses, and the codes of each (docs/errors.md)."""

from collections.abc import Mapping
from typing import Any

from cardgen.http.errors import CODES, REFUSAL_STATUS
from cardgen.http.reference import operations

_ALWAYS = {
    "invalid_request", "https_required", "too_large", "pan_in_url", "too_many_requests",
    "internal_error", "unavailable",
}  # fmt: skip
"""Also too large: a GET may have no body."""
_WITH_KEY = {"not_authenticated", "forbidden"}
_WITH_BODY = {"malformed_json", "unsupported_media_type"}
_READ_A_BODY = {"post", "put", "patch"}
"""Also those that take none: one that is sent is looked at."""
_CHECKED = {
    "unknown_scheme", "unregistered_iin", "range_disabled", "invalid_order", "field_impossible",
    "defect_impossible", "expiry_too_far", "unknown_team", "priority_reserved",
}  # fmt: skip
_ORDER = _CHECKED | {
    "range_exhausted", "beyond_share", "too_few_last_fours", "quota_exceeded", "no_room",
}  # fmt: skip
_FROM_PROFILE = {"unknown_profile", "ambiguous_profile"}
_ONCE = {
    "invalid_idempotency_key", "idempotency_key_reused", "job_cancelled", "request_in_flight",
}  # fmt: skip
_AT_ONCE = _ORDER | _ONCE | {"job_failed", "cards_purged"}
_REASON = {"reason_missing", "pan_in_reason"}
_RESULT = {
    "job_unfinished", "cards_purged", "field_impossible", "too_many_rows", "format_unavailable",
}  # fmt: skip
_PAGED = {"invalid_cursor"}
_SCHEME = {"unknown_scheme"}
_KEY = {"invalid_key", "too_many_keys", "key_held"}
_OF: Mapping[str, set[str]] = {
    "cards_generate": _AT_ONCE | _FROM_PROFILE,
    "cards_generate_legacy": _AT_ONCE,
    "cards_generate_from_bin": _AT_ONCE,
    "cards_generate_async": _ORDER | _ONCE | _FROM_PROFILE,
    "profiles_save": _CHECKED | {"profile_exists", "too_many_profiles"},
    "profile_replace": _CHECKED | {"profile_exists"},
    "cards_claim": _ORDER | {"not_claimable"},
    "cards_renew": {
        "not_renewable", "field_impossible", "expiry_too_far", "quota_exceeded", "no_room",
    },
    "jobs_list": _PAGED,
    "job_result": _RESULT | _PAGED | {"range_not_satisfiable"},
    "job_result_sha256": _RESULT,
    "job_cancel": {"illegal_move"},
    "job_pause": {"illegal_move"},
    "job_resume": {"illegal_move"},
    "job_retry": {
        "illegal_move", "cards_purged", "quota_exceeded", "no_room", "range_exhausted",
        "beyond_share", "range_disabled", "too_few_last_fours",
    },
    "job_clone": _ORDER,
    "cards_statistics": _SCHEME,
    "cards_latest": _SCHEME,
    "cards_by_day": _SCHEME,
    "cards_aggregated": _SCHEME | _PAGED,
    "schemes": _PAGED,
    "vendors": _PAGED,
    "issuer_ranges": _PAGED | _SCHEME,
    "issuer_range_register": {"unknown_scheme", "invalid_range", "range_overlaps", *_REASON},
    "issuer_range_switch": _REASON,
    "tier_switch": _REASON,
    "exclusions": _PAGED | {"unregistered_iin"},
    "exclusions_import": {
        "unreadable_file", "unknown_columns", "nothing_to_import", "bad_lines", "invalid_source",
        *_REASON,
    },
    "exclusions_remove": _REASON | {"published_stays", "exclusion_in_use", "invalid_source"},
    "webhooks_register": {"webhook_url_refused", "too_many_webhooks", "event_reserved"},
    "webhook_delivery_resend": {"delivery_waiting"},
    "keys_make": _KEY,
    "key_rotate": _KEY,
    "queue_switch": _REASON,
    "bloom_filters": {"unregistered_iin"},
}  # fmt: skip
"""Beside those that follow from the shape of the operation."""
_DEFAULT_STATUS = {name: status for status, (name, _) in CODES.items()} | {"malformed_json": 400}


def refusals(method: str, operation: dict[str, Any]) -> dict[int, list[str]]:
    """Return the codes that it can answer, by status."""
    name = operation["operationId"]
    codes = _ALWAYS | _OF.get(name, set())
    if name not in operations.ANY_ACCEPT:
        codes |= {"not_acceptable"}
    if name not in operations.EVERYBODY:
        codes |= _WITH_KEY
    if method in _READ_A_BODY:
        codes |= _WITH_BODY
    if any(one["in"] == "path" for one in operation.get("parameters", [])):
        codes |= {"not_found"}
    found: dict[int, list[str]] = {}
    for code in sorted(codes):
        found.setdefault(status_of(code), []).append(code)
    return dict(sorted(found.items()))


def status_of(code: str) -> int:
    """Return the status with which a code comes."""
    return REFUSAL_STATUS.get(code) or _DEFAULT_STATUS.get(code, 422)
