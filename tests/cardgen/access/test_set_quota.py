"""`set_quota`, and quotas in the admin and on the command line."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from cardgen.access.models import ApiKey
from jobs.models import Job, Quota
from tests.support.actors import entries
from tests.support.keys import create_key, make_user
from tests.support.quotas import limit, order
from toolkit.rights import Role

REASON = "the wallet team loads its own numbers"
PAGE = "/admin/jobs/quota/"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("set_quota", *arguments, stdout=out)
    return out.getvalue()


def test_limits_are_set_shown_and_on_record(user, catalogue):
    order(user)
    limits = ("--cards-per-day=1,000", "--active-jobs=4")
    shown = run("--for-user=tester", *limits, f"--reason={REASON}")
    assert shown.splitlines()[:2] == [
        "cards_per_day   limit 1,000   used 10   left 990",
        "active_jobs     limit 4   used 1   left 3",
    ]
    entry = entries().get()
    assert (entry.action, entry.subject, entry.via) == ("set_quota", "user tester", "command")
    assert entry.before is None
    assert entry.after == {"cards_per_day": 1000, "active_jobs": 4}
    assert entry.reason == f"cards_per_day 1,000, active_jobs 4: {REASON}"


def test_what_is_left_out_stays_and_limits_are_lifted(user, settings):
    settings.CARDGEN_CARDS_PER_DAY = 7
    run("--for-user=tester", "--cards-per-day=10", "--active-jobs=4", f"--reason={REASON}")
    assert "cards_per_day   limit none" in run(
        "--for-user=tester", "--cards-per-day=none", f"--reason={REASON}"
    )
    shown = run("--for-user=tester", "--cards-per-day=default", f"--reason={REASON}")
    assert "cards_per_day   limit 7 " in shown
    assert "active_jobs     limit 4 " in shown
    assert Quota.objects.count() == 1


@pytest.mark.parametrize("by", ["name", "pk", "prefix"])
def test_a_key_is_found_by_name_id_and_first_characters(user, by):
    create_key(user=user, name="nightly")
    key = ApiKey.objects.get()
    run(f"--for-key={getattr(key, by)}", "--active-jobs=2", f"--reason={REASON}")
    assert Quota.objects.get(api_key_id=key.pk).active_jobs == 2
    assert entries().get().subject == f"API key {key.pk} (nightly)"


def test_showing_changes_nothing(user, catalogue):
    order(user)
    assert run("--for-user=tester", "--show").startswith("cards_per_day   limit none   used 10\n")
    assert not Quota.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--for-user=nobody"], 2, "no active user 'nobody'"),
        (["--for-key=nightly"], 2, "Several API keys"),
        (["--for-key=lost"], 2, "no API key 'lost'"),
        (["--for-user=tester", "--show", "--active-jobs=1"], 2, "--show changes nothing"),
        (["--for-user=tester", "--active-jobs=1", "--reason=why"], 2, "at least 10 characters"),
    ],
)
def test_bad_requests_are_told_why_and_change_nothing(user, arguments, code, words):
    for _ in range(2):
        create_key(user=user, name="nightly")
    with pytest.raises(CommandError, match=words) as error:
        run(*arguments)
    assert error.value.returncode == code
    assert not Quota.objects.exists()


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "", "1000000000001", "١٢"])
def test_a_limit_is_a_number_or_one_of_two_words(user, text):
    with pytest.raises(CommandError, match="1 to 1,000,000,000,000, none or default"):
        run("--for-user=tester", f"--cards-per-day={text}")


def test_a_full_quota_ends_the_command_line_with_the_refusal(user, catalogue):
    limit(user, cards_per_day=9)
    with pytest.raises(CommandError, match="Your limit is 9 cards a day") as error:
        call_command("generate_cards", scheme="visa", count="10", user="tester")
    assert error.value.returncode == 3
    assert not Job.objects.exists()


def test_an_administrator_sets_a_users_limits_in_the_admin(admin_client: Client, user: User):
    typed = {"user": user.pk, "cards_per_day": "50", "active_jobs": "", "reason": REASON}
    assert admin_client.post(f"{PAGE}add/", typed).status_code == 302
    quota = Quota.objects.get()
    assert (quota.user, quota.cards_per_day, quota.active_jobs) == (user, 50, None)
    assert entries().get().actor == quota.changed_by == "admin"


def test_a_keys_limits_are_changed_in_the_admin(admin_client: Client, user: User):
    create_key(user=user, name="nightly")
    key = ApiKey.objects.get()
    typed = {"key": key.pk, "cards_per_day": "50", "reason": REASON}
    admin_client.post(f"{PAGE}add/", typed)
    page = f"{PAGE}{Quota.objects.get().pk}/change/"
    assert "0 cards today, 0 jobs active" in admin_client.get(page).content.decode()
    typed = {"cards_per_day": "60", "active_jobs": "2", "reason": REASON}
    assert admin_client.post(page, typed).status_code == 302
    quota = Quota.objects.get()
    assert (quota.api_key_id, quota.cards_per_day, quota.active_jobs) == (key.pk, 60, 2)
    assert entries().count() == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user": ""}, "Choose a user or an API key"),
        ({"reason": "why"}, "at least 10 characters"),
        ({"cards_per_day": "-1"}, "greater than or equal to 0"),
        ({"cards_per_day": "1000000000001"}, "a number from 0 to 1,000,000,000,000, not"),
    ],
)
def test_wrong_limits_are_told_in_the_form_and_not_kept(admin_client, user, change, words):
    typed = {"user": user.pk, "cards_per_day": "50", "reason": REASON}
    response = admin_client.post(f"{PAGE}add/", typed | change)
    assert words in response.content.decode()
    assert not Quota.objects.exists()


def test_setting_a_quota_twice_changes_the_one_there_is(admin_client, user):
    for cards in ("50", "60"):
        typed = {"user": user.pk, "cards_per_day": cards, "reason": REASON}
        admin_client.post(f"{PAGE}add/", typed)
    assert Quota.objects.get().cards_per_day == 60


def test_staff_without_the_right_cannot_set_limits(user):
    staff = make_user("auditor", role=Role.OPERATOR)
    browser = Client()
    browser.force_login(staff)
    assert browser.get(f"{PAGE}add/").status_code == 403
