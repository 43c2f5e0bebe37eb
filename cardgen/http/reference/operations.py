"""Every operation in the order of use, with a name of a few words."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A tag of the document: its name, what it is for, and its operations with their names."""

    name: str
    about: str
    operations: Mapping[str, str]


GROUPS = (
    Group("Start", "What there is.", {"index": "List the main routes"}),
    Group(
        "Issue cards",
        "Up to 1,000 cards come with the answer; a job makes any number. Parallel tests need no"
        " care: no two orders ever get the same number.",
        {
            "cards_generate": "Issue up to 1,000 cards at once",
            "cards_generate_async": "Order any number of cards as a job",
            "cards_generate_from_bin": "Issue cards of one registered IIN",
            "cards_claim": "Take chosen numbers",
            "cards_renew": "Renew cards",
        },
    ),
    Group(
        "Profiles",
        "Orders saved under a name.",
        {
            "profiles": "List profiles",
            "profiles_save": "Save an order as a profile",
            "profile": "Show a profile",
            "profile_replace": "Replace a profile",
            "profile_delete": "Delete a profile",
        },
    ),
    Group(
        "Jobs",
        "Watch a job, stop it, and fetch its cards.",
        {
            "jobs_list": "List jobs",
            "job": "Show a job",
            "job_status": "Show or await the progress of a job",
            "job_events": "Stream the progress of a job",
            "job_result": "Fetch the cards of a job",
            "job_result_sha256": "Fetch the SHA-256 of a result file",
            "job_cancel": "Cancel a job",
            "job_pause": "Pause a job",
            "job_resume": "Resume a job",
            "job_retry": "Retry a failed job",
            "job_clone": "Order the same once more",
        },
    ),
    Group(
        "Statistics",
        "Cards issued a day, for those who may see their jobs. Days are in UTC. Figures stay when"
        " cards and jobs are deleted.",
        {
            "cards_statistics": "Count the cards of a period",
            "cards_latest": "Count the cards of the newest day",
            "cards_by_day": "Count the cards of each day",
            "cards_aggregated": "Count cards by scheme, range, tier, owner, team or day",
        },
    ),
    Group(
        "Check numbers",
        "Numbers come in the body, never in a URL, and are neither logged nor stored.",
        {
            "cards_check": "Was a number ever handed out?",
            "cards_validate": "What does a number look like?",
        },
    ),
    Group(
        "Published test cards",
        "What payment providers publish: number, behaviour, source.",
        {
            "test_cards": "List published test cards",
            "test_cards_lookup": "Look numbers up among published test cards",
            "gateways": "List the providers",
        },
    ),
    Group(
        "Schemes and ranges",
        "What can be ordered, and what is known about its numbers.",
        {
            "schemes": "List the schemes",
            "issuer_ranges": "List the issuer ranges",
            "issuer_range_register": "Register a range of your organisation",
            "issuer_range_switch": "Switch a range on or off",
            "issuer_range_test_keys": "Show the test issuer keys of a range",
            "tiers": "List the tiers",
            "tier_switch": "Switch a tier on or off",
            "iin": "Explain an IIN",
        },
    ),
    Group(
        "Exclusions",
        "Numbers that must never be issued.",
        {
            "exclusions": "List the exclusions",
            "exclusions_import": "Exclude the numbers of a file",
            "exclusions_remove": "Let imported numbers go",
        },
    ),
    Group(
        "Webhooks",
        "Have a URL told when a job ends.",
        {
            "webhooks_register": "Register a webhook",
            "webhooks": "List webhooks",
            "webhook_test": "Send a test message",
            "webhook_deliveries": "List the deliveries of a webhook",
            "webhook_delivery_resend": "Send a delivery again",
            "webhooks_delete": "Delete a webhook",
        },
    ),
    Group(
        "Keys and quotas",
        "Your API keys, and how much you may order.",
        {
            "keys": "List your API keys",
            "keys_make": "Make an API key",
            "key": "Show an API key",
            "key_rotate": "Rotate an API key",
            "key_revoke": "Revoke an API key",
            "quota": "Show your quota",
            "teams": "List your teams",
        },
    ),
    Group(
        "Operation",
        "For operators and administrators.",
        {
            "queue": "Show the queue",
            "queue_switch": "Pause the queue or let it go on",
            "uniqueness_stats": "Show the figures of the layers",
            "bloom_filters": "List the filters",
            "bloom_filter": "Download a filter",
            "anomalies": "List anomalies",
            "audit": "Search the audit trail",
        },
    ),
    Group(
        "Old names",
        "Kept for old clients; each says what to use in its place.",
        {
            "cards_generate_legacy": "Issue cards by a GET",
            "vendors": "List the schemes",
            "gateway_cards": "List the test cards of a provider",
            "cards_search": "Search published test cards",
        },
    ),
)
TAG_OF = {operation: group.name for group in GROUPS for operation in group.operations}
SUMMARY_OF = {name: text for group in GROUPS for name, text in group.operations.items()}
ORDER = {operation: place for place, operation in enumerate(TAG_OF)}
EMPTY_BODY_DOES = frozenset({"key_rotate"})
"""Operations that take a body and need none."""
EVERYBODY = frozenset({"index"})
"""Operations that need no API key."""
ANY_ACCEPT = frozenset(
    {
        *("job_result", "job_result_sha256", "test_cards", "cards_search", "gateway_cards"),
        *("job_events", "bloom_filter"),
    }
)
"""Operations that ignore `Accept`: the query names the form of the answer, or there is but one."""
