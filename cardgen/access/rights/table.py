"""Who may use which route: one row for each, and nothing is open that has none.

`docs/access.md` shows the table; tests call every route as everybody and compare.
"""

from collections.abc import Mapping
from enum import StrEnum

from toolkit.rights import Right


class Open(StrEnum):
    """What needs no right."""

    EVERYBODY = "everybody"
    SIGNED_IN = "signed in"


Needed = Right | Open
_READ, _WRITE = "GET", "POST"


def _window(
    model: str, *, read: Right, add: Right | None = None, change: Right | None = None
) -> dict[str, dict[str, Needed]]:
    """Rows of a model in the admin. What nobody may do there has no right that would allow it."""
    row: dict[str, Needed] = {_READ: read}
    changed = row | ({_WRITE: change} if change else {})
    return {
        f"admin:{model}_changelist": row | {_WRITE: read},
        f"admin:{model}_history": row,
        f"admin:{model}_change": changed,
        f"admin:{model}_add": {_READ: add, _WRITE: add} if add else {},
        f"admin:{model}_delete": {},
    }


API: Mapping[str, Mapping[str, Needed]] = {
    "generate": {"GET": Right.MINT, "POST": Right.MINT},
    "generate-from-bin": {"POST": Right.MINT},
    "generate-async": {"POST": Right.MINT},
    "claim": {"POST": Right.MINT},
    "renew": {"POST": Right.MINT},
    "check": {"POST": Right.CHECK},
    "profiles": {"GET": Right.JOBS, "POST": Right.MINT},
    "profile": {"GET": Right.JOBS, "PUT": Right.MINT, "DELETE": Right.MINT},
    "quota": {"GET": Right.JOBS},
    "teams": {"GET": Right.JOBS},
    "statistics": {"GET": Right.JOBS},
    "statistics-latest": {"GET": Right.JOBS},
    "statistics-by-day": {"GET": Right.JOBS},
    "statistics-by-group": {"GET": Right.JOBS},
    "jobs": {"GET": Right.JOBS},
    "job": {"GET": Right.JOBS},
    "job-status": {"GET": Right.JOBS},
    "job-events": {"GET": Right.JOBS},
    "job-result": {"GET": Right.CARDS},
    "job-result-sha256": {"GET": Right.CARDS},
    "job-cancel": {"POST": Right.CONTROL},
    "job-pause": {"POST": Right.CONTROL},
    "job-resume": {"POST": Right.CONTROL},
    "job-retry": {"POST": Right.CONTROL},
    "job-clone": {"POST": Right.MINT},
    "queue": {"GET": Right.CATALOGUE, "PATCH": Right.QUEUE},
    "keys": {"GET": Right.KEYS, "POST": Right.KEYS},
    "key": {"GET": Right.KEYS, "DELETE": Right.KEYS},
    "key-rotate": {"POST": Right.KEYS},
    "webhooks": {"GET": Right.WEBHOOKS, "POST": Right.WEBHOOKS},
    "webhook": {"DELETE": Right.WEBHOOKS},
    "webhook-test": {"POST": Right.WEBHOOKS},
    "webhook-deliveries": {"GET": Right.WEBHOOKS},
    "webhook-resend": {"POST": Right.WEBHOOKS},
    "vendors": {"GET": Right.CATALOGUE},
    "validate": {"POST": Right.CATALOGUE},
    "cards-search": {"GET": Right.CATALOGUE},
    "gateways": {"GET": Right.CATALOGUE},
    "gateway-cards": {"GET": Right.CATALOGUE},
    "schemes": {"GET": Right.CATALOGUE},
    "iin": {"GET": Right.CATALOGUE},
    "test-cards": {"GET": Right.CATALOGUE},
    "test-cards-lookup": {"POST": Right.CATALOGUE},
    "uniqueness-stats": {"GET": Right.CATALOGUE},
    "bloom-filters": {"GET": Right.CHECK},
    "bloom-filter": {"GET": Right.CHECK},
    "issuer-ranges": {"GET": Right.CATALOGUE, "POST": Right.RANGES},
    "issuer-range": {"PATCH": Right.RANGES},
    "issuer-range-test-keys": {"GET": Right.TEST_KEYS},
    "tiers": {"GET": Right.CATALOGUE},
    "tier": {"PATCH": Right.RANGES},
    "exclusions": {"GET": Right.EXCLUSIONS},
    "exclusions-import": {"POST": Right.EXCLUDE},
    "exclusions-remove": {"POST": Right.EXCLUDE},
    "audit": {"GET": Right.AUDIT},
    "anomalies": {"GET": Right.ANOMALIES},
}
PAGES: Mapping[str, Mapping[str, Needed]] = {
    "dashboard": {"GET": Right.JOBS, "POST": Right.MINT},
    "order-preview": {"POST": Right.JOBS},
    "profiles-page": {"GET": Right.JOBS, "POST": Right.MINT},
    "profile-page": {"GET": Right.JOBS, "POST": Right.MINT},
    "profile-delete-page": {"POST": Right.MINT},
    "overview": {"GET": Right.CATALOGUE},
    "ranges-page": {"GET": Right.CATALOGUE},
    "design": {"GET": Open.SIGNED_IN},
    "jobs-page": {"GET": Right.JOBS},
    "jobs-bulk": {"POST": Right.CONTROL},
    "job-page": {"GET": Right.JOBS},
    "job-row": {"GET": Right.JOBS},
    "job-outcome": {"GET": Right.JOBS},
    "job-control": {"POST": Right.CONTROL},
    "test-cards-page": {"GET": Right.CATALOGUE, "POST": Right.CATALOGUE},
    "check-page": {"GET": Right.CHECK, "POST": Right.CHECK},
    "scan-page": {"GET": Right.CHECK, "POST": Right.CHECK},
    "scan-piece": {"POST": Right.CHECK},
    "uniqueness-page": {"GET": Right.CATALOGUE},
    "proof-page": {"GET": Right.CATALOGUE},
    "prove-now": {"POST": Right.ADMIN},
    "prove-job": {"POST": Right.CONTROL},
    "keys-page": {"GET": Right.KEYS, "POST": Right.KEYS},
    "key-rotate-page": {"POST": Right.KEYS},
    "key-revoke-page": {"POST": Right.KEYS},
    "webhooks-page": {"GET": Right.WEBHOOKS, "POST": Right.WEBHOOKS},
    "webhook-page": {"GET": Right.WEBHOOKS},
    "webhook-test-page": {"POST": Right.WEBHOOKS},
    "webhook-delete-page": {"POST": Right.WEBHOOKS},
    "webhook-resend-page": {"POST": Right.WEBHOOKS},
    "administration": {"GET": Right.ADMIN},
    "queue-switch": {"POST": Right.QUEUE},
    "settings-page": {"GET": Right.ADMIN},
    "audit-page": {"GET": Right.AUDIT},
    "tier-switch": {"GET": Right.RANGES, "POST": Right.RANGES},
    "range-switch": {"GET": Right.RANGES, "POST": Right.RANGES},
    "exclusions-page": {"GET": Right.EXCLUDE, "POST": Right.EXCLUDE},
    "people-page": {"GET": Right.USERS, "POST": Right.USERS},
    "person-page": {"GET": Right.USERS, "POST": Right.USERS},
    "person-switch": {"GET": Right.USERS, "POST": Right.USERS},
    "person-password": {"GET": Right.USERS, "POST": Right.USERS},
    "person-quota": {"GET": Right.QUOTAS, "POST": Right.QUOTAS},
    "teams-page": {"GET": Right.USERS, "POST": Right.USERS},
    "team-page": {"GET": Right.USERS, "POST": Right.USERS},
    "team-rename": {"GET": Right.USERS, "POST": Right.USERS},
    "team-leave": {"POST": Right.USERS},
    "account-page": {"GET": Open.SIGNED_IN},
    "password-page": {"GET": Open.SIGNED_IN, "POST": Open.SIGNED_IN},
    "login": {"GET": Open.EVERYBODY, "POST": Open.EVERYBODY},
    "logout": {"POST": Open.EVERYBODY},
    "api": {"GET": Open.EVERYBODY},
    "schema": {"GET": Open.EVERYBODY},
    "api-docs": {"GET": Open.EVERYBODY},
    "docs": {"GET": Open.EVERYBODY},
    "docs-page": {"GET": Open.EVERYBODY},
    "health": {"GET": Open.EVERYBODY},
    "health-live": {"GET": Open.EVERYBODY},
    "health-ready": {"GET": Open.EVERYBODY},
}
ADMIN: Mapping[str, Mapping[str, Needed]] = {
    "admin:index": {"GET": Right.ADMIN},
    "admin:app_list": {"GET": Right.ADMIN},
    "admin:login": {"GET": Open.EVERYBODY},
    "admin:logout": {"POST": Open.EVERYBODY},
    "admin:password_change": {"GET": Open.SIGNED_IN, "POST": Open.SIGNED_IN},
    "admin:password_change_done": {"GET": Open.SIGNED_IN},
    "admin:jsi18n": {"GET": Right.ADMIN},
    "admin:autocomplete": {},
    "admin:view_on_site": {},
    **_window("generation_issuerrange", read=Right.ADMIN, add=Right.RANGES),
    "admin:generation_issuerrange_switch": {"GET": Right.RANGES, "POST": Right.RANGES},
    **_window("generation_tierswitch", read=Right.ADMIN),
    "admin:generation_tierswitch_switch": {"GET": Right.RANGES, "POST": Right.RANGES},
    **_window("uniqueness_pool", read=Right.ADMIN),
    **_window("uniqueness_reservation", read=Right.ADMIN),
    **_window("uniqueness_card", read=Right.ALL_CARDS),
    "admin:uniqueness_exclusion_changelist": {"GET": Right.EXCLUDE},
    "admin:uniqueness_exclusion_import": {"GET": Right.EXCLUDE, "POST": Right.EXCLUDE},
    **_window("uniqueness_importedtoken", read=Right.EXCLUDE),
    **_window("uniqueness_auditentry", read=Right.AUDIT),
    **_window("jobs_job", read=Right.ALL_JOBS),
    **_window("jobs_chunk", read=Right.ALL_JOBS),
    **_window("jobs_queue", read=Right.ADMIN),
    **_window("jobs_worker", read=Right.ADMIN),
    **_window("jobs_webhook", read=Right.USERS),
    **_window("jobs_delivery", read=Right.USERS),
    **_window("jobs_quota", read=Right.QUOTAS, add=Right.QUOTAS, change=Right.QUOTAS),
    **_window("jobs_orderprofile", read=Right.USERS),
    **_window("jobs_team", read=Right.USERS, add=Right.USERS, change=Right.USERS),
    **_window("anomalies_anomaly", read=Right.ANOMALIES),
    **_window("access_apikey", read=Right.USERS),
    **_window("auth_user", read=Right.USERS, add=Right.USERS, change=Right.USERS),
    "admin:auth_user_password_change": {"GET": Right.USERS, "POST": Right.USERS},
    **_window("auth_group", read=Right.USERS),
}
SOCKETS: Mapping[str, Mapping[str, Needed]] = {
    "ws-jobs": {"GET": Right.JOBS},
    "ws-job": {"GET": Right.JOBS},
}
ROUTES = {**API, **PAGES, **ADMIN, **SOCKETS}


def needed(route: str, method: str) -> Needed | None:
    """Return what a request needs; None: the table allows it to nobody.

    HEAD is a GET without a body; OPTIONS of the API tells nothing of what is there.
    """
    if method == "OPTIONS" and route in API:
        return Open.SIGNED_IN
    return ROUTES.get(route, {}).get("GET" if method in ("HEAD", "OPTIONS") else method)
