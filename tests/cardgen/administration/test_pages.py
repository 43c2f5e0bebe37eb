"""The pages for those who run cardgen, as a browser without JavaScript has them."""

import pytest
from django.conf import LazySettings
from django.test import Client

from cardgen.administration.in_force import in_force
from jobs.models import Queue
from tests.support.keys import make_user
from toolkit.rights import Role
from uniqueness.models import AuditEntry

PAGE = "/administration"


@pytest.fixture
def operator(catalogue: None) -> Client:
    """The browser of an operator."""
    client = Client()
    client.force_login(make_user("olga", role=Role.OPERATOR))
    return client


def switched(client: Client, **typed: str) -> str:
    """Send the form of the queue."""
    return client.post(f"{PAGE}/queue", typed, follow=True).content.decode()


def test_an_operator_sees_no_people(operator: Client, admin_browser: Client) -> None:
    own, whole = (client.get(PAGE).content.decode() for client in (operator, admin_browser))
    assert "Chunks waiting" in own
    assert "Add one" not in own
    assert "olga" in whole


def test_the_queue_is_paused_with_a_reason_and_goes_on(operator: Client) -> None:
    assert "The queue is paused." in switched(operator, paused="1", reason="the disk is full")
    assert Queue.objects.get().paused
    assert "Let it go on" in operator.get(PAGE).content.decode()
    switched(operator, paused="0", reason="there is room again")
    assert not Queue.objects.get().paused


def test_without_a_reason_nothing_happens(operator: Client) -> None:
    assert "reason" in switched(operator, paused="1", reason="")
    assert not Queue.objects.filter(paused=True).exists()


def test_the_queue_in_the_admin_has_figures_and_the_button(operator: Client) -> None:
    page = operator.get("/admin/jobs/queue/").content.decode()
    assert "Chunks waiting" in page
    assert "Pause the queue" in page


def test_no_secret_is_among_the_settings_in_force(settings: LazySettings) -> None:
    settings.CARDGEN_BACKUP_PASSPHRASE = "a secret"
    shown = dict(in_force())
    assert shown["CARDGEN_BACKUP_PASSPHRASE"] == shown["CARDGEN_MASTER_KEY"] == "set; not shown"
    assert shown["CARDGEN_LEASE"] == "30 seconds"
    assert settings.CARDGEN_MASTER_KEY.hex() not in str(shown)


def test_the_settings_are_shown(operator: Client) -> None:
    assert "CARDGEN_CHUNK_CARDS" in operator.get(f"{PAGE}/settings").content.decode()


def test_the_trail_is_searched_by_whole_names(admin_browser: Client, operator: Client) -> None:
    switched(operator, paused="1", reason="the disk is full")
    found = admin_browser.get(f"{PAGE}/audit?actor=olga&action=pause_queue")
    assert [entry.reason for entry in found.context["entries"]] == ["the disk is full"]
    found = admin_browser.get(f"{PAGE}/audit?actor=olga&action=revoke_key")
    assert (found.status_code, found.context["entries"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "told"), [("actor=olg", "Did you mean olga?"), ("action=pause", "Nothing is written")]
)
def test_a_name_that_the_trail_has_not_is_told(
    admin_browser: Client, operator: Client, query: str, told: str
) -> None:
    found = admin_browser.get(f"{PAGE}/audit?{query}")
    assert (found.status_code, found.context["entries"]) == (422, [])
    assert told in found.content.decode()


def test_pages_of_the_trail_show_every_entry_once(admin_browser: Client, operator: Client) -> None:
    for turn in range(60):
        switched(operator, paused=str(turn % 2), reason=f"turn number {turn}")
    seen: list[int] = []
    after: object = ""
    while after is not None:
        page = admin_browser.get(f"{PAGE}/audit?actor=olga&after={after}").context
        seen += [entry.pk for entry in page["entries"]]
        after = page["after"]
    own = AuditEntry.objects.filter(actor="olga").order_by("-id")
    assert seen == list(own.values_list("id", flat=True))


def test_a_search_that_cannot_be_is_told(admin_browser: Client) -> None:
    assert admin_browser.get(f"{PAGE}/audit?since=yesterday").status_code == 422
    assert admin_browser.get(f"{PAGE}/audit?subject=4111111111111111").status_code == 422
