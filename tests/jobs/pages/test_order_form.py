"""The form on the dashboard: what is taken, what is refused, and how that is said."""

import ast
import html
import json
import re
import shlex
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from generation import tiers
from generation.fields import DEFAULT, FIELDS
from generation.kernel.defects import Defect
from generation.models import IssuerRange, Tier
from jobs import results
from jobs.models import Job
from jobs.pages.order.choices import DEFECTS, field_groups
from tests.support.actors import somebody
from tests.support.fixtures import Submit
from tests.support.forms import EMPTY, TEXTS
from tests.support.quotas import limit
from tests.support.work import mint_one_chunk
from uniqueness import registry
from uniqueness.models import Pool, Reservation


def post(browser: Client, **changes: Any) -> Any:
    """Send the form as a browser does: all texts, empty ones too, and the ticked boxes."""
    return browser.post("/", EMPTY | {"scheme": "visa", "count": "10"} | changes)


def test_an_order_becomes_a_job_and_leads_to_its_page(browser: Client) -> None:
    response = post(browser, count="1,000", label="nightly")
    job = Job.objects.get()
    assert response["Location"] == f"/jobs/{job.id}"
    assert (job.requested, job.label, job.owner.username) == (1000, "nightly", "tester")


@pytest.mark.parametrize("typed", ["100,000", "100 000", "100.000", "100_000", "100000"])
def test_a_count_may_have_separators(browser: Client, typed: str) -> None:
    post(browser, count=typed)
    assert Job.objects.get().requested == 100_000


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"expiry_min": "1", "expiry_max": "3"}, {"months": 3}),
        ({"expiry_month": "2039-11"}, {"months": 1, "first_month": 2039 * 12 + 10}),
        ({"cvv": "123"}, {"cvv": "123"}),
        ({"cardholder_name": "test card"}, {"cardholder_name": "TEST CARD"}),
        ({"cardholder_name": " /"}, {"cardholder_name": " /"}),
        ({"cardholder_name": " doe/john.mr "}, {"cardholder_name": "DOE/JOHN.MR"}),
        ({"defect": "luhn"}, {"defect": "luhn"}),
        ({"distinct_last_four": "on"}, {"distinct_last_four": True}),
        ({"ordering": "sequential"}, {"sequential": True}),
        ({"priority": "low"}, {"priority": "low"}),
        ({"address": "12 Maple Street"}, {"address": "12 Maple Street"}),
        ({"postcode": "90210"}, {"postcode": "90210"}),
        ({"service_code": "201"}, {"service_code": "201"}),
        ({"pin_length": "6"}, {"pin_length": 6}),
        ({"fields": ["pan", "pvv"]}, {"fields": ["pan", "pvv"]}),
        ({}, {"fields": [], "sequential": False, "distinct_last_four": False, "defect": ""}),
    ],
)
def test_more_options_reach_the_job(
    browser: Client, typed: dict[str, Any], kept: dict[str, Any]
) -> None:
    post(browser, **typed)
    job = Job.objects.get()
    assert {name: getattr(job, name) for name in kept} == kept


def test_a_named_range_is_minted_in(browser: Client) -> None:
    post(browser, range="412345-16")
    assert Job.objects.get().items.get().issuer_range.name == "412345-16"


def test_one_end_of_the_expiry_is_enough(browser: Client) -> None:
    post(browser, expiry_max="20")
    assert Job.objects.get().months == 9  # 12, the usual earliest, to 20


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"count": ""}, "Write a whole number"),
        ({"count": "many"}, "Write a whole number"),
        ({"count": "-5"}, "Write a whole number"),
        ({"count": "0"}, "Write a number from 1 to 100,000,000."),
        ({"count": "100,000,001"}, "Write a number from 1 to 100,000,000."),
        ({"count": "9" * 400}, "Write a whole number"),
        ({"scheme": ""}, "Choose a scheme."),
        ({"scheme": "monopoly"}, "There is no scheme"),
        ({"label": "x" * 201}, "At most 200 characters."),
        ({"expiry_min": "40", "expiry_max": "20"}, "The earliest is larger than the latest."),
        ({"expiry_min": "soon"}, "Write a whole number"),
        ({"expiry_max": "241"}, "At most 240."),
        ({"cvv": "12"}, "Write 3 or 4 digits."),
        ({"cvv": "1234"}, "has 3 digits"),
        ({"cardholder_name": "Zoë"}, "Write 2 to 26 characters"),
        ({"expiry_min": "1", "expiry_month": "2039-11"}, "Give one month, or the earliest"),
        ({"expiry_month": "11/39"}, "Write the month as YYYY-MM"),
        ({"expiry_month": "2050-01"}, "December 2049 at the latest"),
        ({"expiry_month": "2001-05"}, "choose them among the negative cards."),
        ({"range": "99887766-16"}, "No issuer range 99887766-16 is registered"),
        ({"range": "40\x0000-16"}, "Null characters are not allowed"),
        ({"scheme": "vi\x00sa"}, "Null characters are not allowed"),
        ({"range": "520473-16"}, "Range 520473-16 is of Mastercard"),
        ({"range": "340000-15", "scheme": "amex"}, "which is switched off"),
        ({"fields": []}, "Choose at least one field."),
        ({"fields": ["pan", "secret"]}, "Known fields: pan, "),
        ({"fields": ["track1"], "defect": "non_digit"}, "has no track1"),
        ({"defect": "ugly"}, "Choose one of"),
        ({"ordering": "backwards"}, "Choose one of"),
        ({"ordering": "sequential", "distinct_last_four": "on"}, "order them random"),
        ({"count": "10,001", "distinct_last_four": "on"}, "10,000 different last four"),
        ({"address": "12 Maple | Street"}, "Write 1 to 40 characters"),
        ({"postcode": "9" * 11}, "Write 1 to 10 characters"),
        ({"service_code": "333"}, "Write 3 digits of ISO/IEC 7813"),
        ({"pin_length": "3"}, "Write a whole number from 4 to 12"),
        ({"pin_length": "four"}, "Write a whole number"),
    ],
)
def test_a_wrong_order_is_explained_and_starts_nothing(
    browser: Client, fields: dict[str, str], message: str
) -> None:
    response = post(browser, **fields)
    assert response.status_code == 422
    assert message in response.content.decode().replace("&#x27;", "'")
    assert not Job.objects.exists()


def test_too_few_numbers_left_is_explained_at_the_count(browser: Client) -> None:
    IssuerRange.objects.exclude(iin="000000").update(enabled=False)
    IssuerRange.objects.create(
        scheme="visa",
        iin="99999901",
        pan_length=12,
        tier="owned",
        source="a test",
        key_check_value="000000",
    )
    response = post(browser, count="5000")
    assert "1000 numbers left" in response.context["form"].errors["count"].replace(",", "")


PLACES = {
    "scheme": {"scheme": "monopoly"},
    "range": {"range": "520473-16"},
    "count": {"count": "0"},
    "label": {"label": "x" * 201},
    "expiry": {"expiry_min": "soon"},
    "cvv": {"cvv": "1234"},
    "cardholder_name": {"cardholder_name": "Zoë"},
    "address": {"address": "|"},
    "postcode": {"postcode": "|"},
    "service_code": {"service_code": "999"},
    "pin_length": {"pin_length": "99"},
    "defect": {"defect": "ugly"},
    "ordering": {"ordering": "backwards"},
    "priority": {"priority": "urgent"},
    "distinct_last_four": {"distinct_last_four": "on", "ordering": "sequential"},
    "fields": {"fields": []},
}


@pytest.mark.parametrize(("name", "typed"), PLACES.items())
def test_an_error_stands_beside_its_field_and_is_bound_to_it(
    browser: Client, name: str, typed: dict[str, Any]
) -> None:
    response = post(browser, **typed)
    page = response.content.decode()
    assert page.count(f'href="#{name}-error"') == 1
    assert set(response.context["form"].errors) == {name}
    assert page.count(f'id="{name}-error"') == 1
    assert re.search(rf'aria-describedby="[^"]*{name}-error"', page)


def test_everything_wrong_is_told_at_once(browser: Client) -> None:
    response = post(browser, count="many", cvv="12", pin_length="3", fields=[])
    assert set(response.context["form"].errors) == {"count", "cvv", "pin_length", "fields"}


def test_what_only_a_submission_finds_is_told_with_all_else(
    browser: Client, user: User, small_range: IssuerRange
) -> None:
    limit(user, cards_per_day=5)
    typed = {"range": small_range.name, "count": "2,000", "label": "x" * 201, "priority": "high"}
    errors = post(browser, cvv="12", **typed).context["form"].errors
    assert set(errors) == {"count", "label", "priority", "cvv"}
    assert "Your limit is 5 cards a day" in errors["count"]
    assert "has 1,000 numbers left, 2,000 were asked for." in errors["count"]
    assert not any(model.objects.exists() for model in (Job, Reservation, Pool))


def test_all_refusals_stand_beside_their_fields(
    browser: Client, user: User, small_range: IssuerRange
) -> None:
    limit(user, cards_per_day=5, active_jobs=1)
    Job.objects.create(owner=user, requested=1, first_month=1, months=1, month=1)
    typed = {"range": small_range.name, "count": "2,000", "priority": "high", "team": "strangers"}
    response = post(browser, **typed)
    errors = response.context["form"].errors
    assert set(errors) == {"count", "priority", "team", ""}
    assert "1 job at a time" in errors[""]
    page = response.content.decode()
    assert 'These need another look: <a href="#count-error">Number of cards</a>, ' in page
    assert all(page.count(f'id="{name}-error"') == 1 for name in errors if name)
    assert not any(model.objects.exists() for model in (Reservation, Pool))


@pytest.mark.parametrize("typed", [{"scheme": "monopoly"}, {"range": "99887766-16"}])
def test_the_form_does_not_speak_of_the_api(browser: Client, typed: dict[str, str]) -> None:
    (error,) = post(browser, **typed).context["form"].errors.values()
    assert "/api/" not in error
    assert "Choose one of the list" in error


def test_what_was_typed_is_kept(browser: Client) -> None:
    typed = {"label": "keep <me>", "cvv": "999", "address": "1 Elm", "expiry_month": "2039-11"}
    page = post(browser, count="none", **typed).content.decode()
    assert 'value="none"' in page
    assert 'value="keep &lt;me&gt;"' in page
    assert all(f'value="{typed[name]}"' in page for name in ("cvv", "address", "expiry_month"))
    assert '<details class="more" open>' in page


def test_what_was_chosen_is_kept(browser: Client) -> None:
    chosen = {"range": "412345-16", "defect": "luhn", "ordering": "sequential"}
    page = post(browser, count="none", fields=["pvv"], **chosen).content.decode()
    for value in chosen.values():
        assert re.search(rf'<option value="{value}"[^>]*\sselected', page), value
    assert re.findall(r'name="fields" value="([a-z_0-9]+)" checked', page) == ["pvv"]


def test_the_usual_fields_are_ticked_at_first(browser: Client) -> None:
    page = browser.get("/").content.decode()
    ticked = re.findall(r'name="fields" value="([a-z_0-9]+)" checked', page)
    assert sorted(ticked) == sorted(DEFAULT)
    assert '<details class="more" open>' not in page


def test_every_field_is_offered_once_in_the_order_of_the_docs() -> None:
    groups = field_groups()
    assert [choice.name for some in groups.values() for choice in some] == list(FIELDS)
    assert len(groups) == 6


def test_every_defect_is_named_in_words(browser: Client) -> None:
    assert list(DEFECTS) == [defect.value for defect in Defect]
    page = browser.get("/").content.decode()
    assert all(words.lower() in page.lower() for words in DEFECTS.values())


def test_every_input_has_a_label(browser: Client) -> None:
    page = browser.get("/").content.decode()
    form = page[page.index("<form method") : page.index("Start job")]
    named = set(re.findall(r'<(?:input|select) id="([a-z_]+)"', form))
    assert named <= set(re.findall(r'<label for="([a-z_]+)"', form))
    assert named >= {"scheme", "count", *TEXTS}


def test_the_tier_and_its_promise_are_shown_before_ordering(browser: Client) -> None:
    page = browser.get("/").content.decode()
    assert '<optgroup label="reserved: reserved by the standard">' in page
    assert tiers.PROMISES[Tier.SCHEME_TEST] in page
    assert tiers.PROMISES[Tier.BRAND_SHAPE] not in page


def test_a_scheme_stands_under_the_safest_tier_it_has_numbers_in(browser: Client) -> None:
    registry.switch_tier(
        tier=Tier.BRAND_SHAPE, on=True, reason="the wallet team tests amex", actor=somebody("root")
    )
    shown = {tier.tier: tier.schemes for tier in browser.get("/").context["tiers"]}
    assert "visa" in {scheme.code for scheme in shown["scheme_test"]}
    assert {scheme.code for scheme in shown["brand_shape"]} >= {"amex", "jcb"}
    visa = next(scheme for scheme in shown["scheme_test"] if scheme.code == "visa")
    assert visa.room.startswith("scheme_test:")
    assert " brand_shape:" in visa.room


def test_the_preview_has_the_order_in_code_and_starts_nothing(browser: Client) -> None:
    response = post(browser, show="request", range="412345-16", defect="luhn", count="1,000")
    code = {snippet.code: snippet.text for snippet in response.context["snippets"]}
    words = [word for word in shlex.split(code["curl"]) if word != "\n"]
    body = {"range": "412345-16", "count": 1000, "defect": "luhn"}
    assert json.loads(words[words.index("-d") + 1]) == body
    assert "http://testserver/api/v1/cards/generate-async" in code["curl"]
    assert not Job.objects.exists()


@pytest.mark.parametrize("name", ["python", "pytest"])
def test_the_code_in_python_asks_for_the_same(browser: Client, name: str) -> None:
    typed = {"count": "5,000", "label": "a 'b' \\ \"c\"", "fields": ["pan", "pvv"]}
    response = post(browser, show="request", **typed)
    code = next(one.text for one in response.context["snippets"] if one.code == name)
    sent = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.keyword)]
    body = ast.literal_eval(next(node.value for node in sent if node.arg == "json"))
    assert body["label"] == typed["label"]
    assert body["count"] == (1_000 if name == "pytest" else 5_000)
    assert body["fields"] == ["pan", "pvv"]


def test_the_code_in_javascript_asks_for_the_same(browser: Client) -> None:
    response = post(browser, show="request", label="</script>`${1}")
    code = response.context["snippets"][-1].text
    body = json.loads(code[code.index("stringify(") + 10 : code.index("),\n});")])
    assert body == {"scheme": "visa", "count": 10, "label": "</script>`${1}"}


@pytest.mark.parametrize("typed", ["1.000", "1e3", "1k", "1 thousand", "0.001 million"])
def test_a_count_is_read_back_as_what_it_will_order(browser: Client, typed: str) -> None:
    page = post(browser, show="request", count=typed).content.decode()
    assert "This orders <strong>1,000 cards</strong>" in page
    post(browser, count=typed)
    assert Job.objects.get().requested == 1_000


@pytest.mark.parametrize("typed", ["1.5", "1,00", "1,000.000", "1e-3", "1 dozen", "1,000,00", "²"])
def test_what_may_mean_two_numbers_is_asked_again(browser: Client, typed: str) -> None:
    assert "Write a whole number" in post(browser, count=typed).content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize("defect", ["", *Defect])
def test_five_cards_are_shown_that_nobody_can_use(browser: Client, defect: str) -> None:
    response = post(browser, show="request", defect=defect)
    cards = response.context["samples"]
    assert len(cards) == 5
    assert all("•••" in card.pan and not re.search(r"\d{12}", card.pan) for card in cards)
    assert "Preview, not reserved" in response.content.decode()
    assert not Job.objects.exists()


def test_samples_say_nothing_of_cards_that_are_there(browser: Client, submit: Submit) -> None:
    job = submit(range="412345-16", count=20)
    mint_one_chunk(job)
    cards = post(browser, show="request", range="412345-16").context["samples"]
    ends = {card["pan"][-4:] for card in results.page(job, limit=20)[0]}
    assert not {card.pan[-4:] for card in cards} & ends


@pytest.mark.parametrize(("count", "said"), [("1,000", "This orders"), ("none", "once")])
def test_the_preview_alone_is_what_the_page_would_show(
    browser: Client, count: str, said: str
) -> None:
    form = EMPTY | {"scheme": "visa", "range": "412345-16", "count": count}
    alone = browser.post("/order-preview", form)
    page = browser.post("/", form | {"show": "request"}).content.decode()
    assert said in html.unescape(alone.content.decode())
    assert alone.content.decode() in page
    assert "<form" not in alone.content.decode()
    assert not Job.objects.exists()


def test_the_preview_alone_needs_a_form_with_its_token_and_somebody(browser: Client) -> None:
    assert browser.get("/order-preview").status_code == 405
    assert Client().post("/order-preview", EMPTY)["Location"].startswith("/login?next=")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post("/order-preview", EMPTY).status_code == 403


def test_a_wrong_form_has_no_preview(browser: Client) -> None:
    response = post(browser, show="request", count="none")
    assert response.status_code == 422
    assert "shows here once the form is right" in response.content.decode()


def test_what_does_not_go_together_is_told_with_all_else(browser: Client) -> None:
    wrong = {"count": "20,000", "distinct_last_four": "on", "label": "x" * 201}
    response = post(browser, defect="too_short", fields=["track2"], **wrong)
    errors = response.context["form"].errors
    assert set(errors) == {"count", "distinct_last_four", "fields", "label"}
    assert "“number too short” has no track2" in errors["fields"]


def test_the_same_again_but_opens_the_form_filled_in(browser: Client, submit: Submit) -> None:
    job = submit(count=2_000, defect="luhn", label="nightly", fields=("pan", "pvv"))
    page = browser.get(f"/?again={job.id}").content.decode()
    assert 'value="2,000"' in page
    assert 'value="nightly"' in page
    assert re.search(r'<option value="luhn"[^>]*\sselected', page)
    ticked = re.findall(r'name="fields" value="([a-z_0-9]+)" checked', page)
    assert sorted(ticked) == ["pan", "pvv"]


@pytest.mark.parametrize("again", ["odd", "00000000-0000-4000-8000-000000000000"])
def test_nothing_can_be_ordered_again_that_is_not_there(browser: Client, again: str) -> None:
    assert browser.get(f"/?again={again}").status_code == 404


def test_a_scheme_without_an_enabled_range_is_not_offered(browser: Client) -> None:
    IssuerRange.objects.filter(scheme="visa").update(enabled=False)
    page = browser.get("/").content.decode()
    assert 'value="mastercard"' in page
    assert 'value="visa"' not in page


def test_a_form_without_its_token_is_refused(browser: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert post(strict).status_code == 403
    assert not Job.objects.exists()
