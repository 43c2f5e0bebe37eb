"""Who was told of a job, and who did what with it: on its page, by role."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import control
from jobs.models import Delivery, Job, Webhook
from tests.support.actors import somebody
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from tests.support.webhooks import register
from tests.support.work import mint_one_chunk
from toolkit.rights import Role

URL = "https://hooks.example.com/cardgen"
SENT = 'id="told"'
TRAIL = 'id="trail"'


@pytest.fixture
def told(submit: Submit, user: User) -> Job:
    """A finished job that one webhook was told of, in vain."""
    register(user, URL)
    job = submit(count=3)
    mint_one_chunk(job)
    Delivery.objects.update(
        state="failed",
        finished_at="2030-01-01T14:02Z",
        attempts=8,
        last_status=500,
        error="It answered 500.",
    )
    return Job.objects.get(id=job.id)


def page_of(job: Job, name: str) -> str:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client.get(f"/jobs/{job.id}").content.decode()


def person(role: str) -> str:
    """The name of somebody with a role."""
    return make_user(f"a-{role}", role=Role(role)).username


def test_the_owner_sees_where_it_went_and_what_came_back(told: Job, user: User) -> None:
    page = page_of(told, user.username)
    for shown in (
        URL,
        "failed",
        "8 tries · answer 500 · It answered 500.",
        'datetime="2030-01-01T14:02:00+00:00"',
    ):
        assert shown in page
    assert f'href="/webhooks/{Webhook.objects.get().id}"' in page
    assert 'href="/webhooks"' in page


def test_the_owner_sends_it_again_from_there(browser: Client, told: Job) -> None:
    page = browser.get(f"/jobs/{told.id}").content.decode()
    delivery = Delivery.objects.get()
    assert f'action="/webhooks/deliveries/{delivery.pk}/resend"' in page
    assert '<input type="hidden" name="back" value="job">' in page

    sent = browser.post(f"/webhooks/deliveries/{delivery.pk}/resend", {"back": "job"}, follow=True)
    assert sent.redirect_chain == [(f"/jobs/{told.id}", 302)]
    again = sent.content.decode()
    assert "It is sent again within seconds." in again
    assert "data-coming" in again
    assert "next try" in again
    assert "Send again" not in again
    assert Delivery.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("role", "sees_messages", "sees_trail"),
    [("operator", False, False), ("administrator", True, True)],
)
def test_of_a_job_of_somebody_else_the_role_decides(
    told: Job, role: str, sees_messages: bool, sees_trail: bool
) -> None:
    page = page_of(told, person(role))
    assert (URL in page) == (SENT in page) == sees_messages
    assert (TRAIL in page) == sees_trail
    assert "resend" not in page


def test_who_has_no_right_to_webhooks_sees_none_of_their_own_job(told: Job, user: User) -> None:
    assert SENT in page_of(told, user.username)
    user.groups.clear()
    viewer = person("viewer")
    Job.objects.update(owner=User.objects.get(username=viewer))
    page = page_of(told, viewer)
    assert URL not in page
    assert TRAIL not in page


def test_the_trail_tells_who_did_what_with_it(told: Job, submit: Submit, user: User) -> None:
    other = submit(count=1)
    control.pause(other, actor=somebody("another"))
    browser = Client()
    browser.force_login(user)
    browser.get(f"/api/v1/cards/jobs/{told.id}/result?format=csv")
    page = page_of(told, person("administrator"))
    trail = page[page.index(TRAIL) :]
    assert "download · tester" in trail
    assert "csv, 3 cards" in trail
    assert "pause_job" not in trail
    assert f'href="/administration/audit?subject={told.id}"' in trail


def test_a_move_of_somebody_else_is_named(submit: Submit) -> None:
    job = submit(count=1)
    control.cancel(job, actor=somebody("another"))
    page = page_of(job, person("administrator"))
    assert "cancel_job · another" in page


def test_where_nothing_was_sent_or_done_it_says_so(browser: Client, submit: Submit) -> None:
    job = submit(count=1)
    assert "Your webhooks are told when this job ends." in page_of(job, "tester")
    mint_one_chunk(job)
    assert "No message was sent about this job." in page_of(job, "tester")
    assert "nobody but the owner has done anything" in page_of(job, person("administrator"))


def test_many_messages_and_entries_cost_no_more_queries(told: Job, user: User) -> None:
    root = person("administrator")
    Job.objects.update(owner=User.objects.get(username=root))
    page_of(told, root)
    with CaptureQueriesContext(connection) as few:
        page_of(told, root)
    webhook = Webhook.objects.get()
    Delivery.objects.bulk_create(
        Delivery(webhook=webhook, job=told, event="job.finished") for _ in range(50)
    )
    with CaptureQueriesContext(connection) as many:
        page = page_of(told, root)
    assert len(many) == len(few)
    assert page.count(URL) == 20
    assert "Older ones are with each webhook." in page
