"""Every kind of page of the admin, light and dark: axe finds nothing, 1280 pixels are enough."""

from collections.abc import Iterator
from itertools import chain

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from cardgen.anomalies.models import Anomaly
from generation.models import TierSwitch
from jobs.models import OrderProfile, Queue, Quota, Worker
from tests.support.browsing import THEMES, looking, overflow, violations
from tests.support.fixtures import Submit
from tests.support.keys import create_key, make_root
from tests.support.teams import make_team
from tests.support.webhooks import register
from tests.support.work import mint_one_chunk
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, text_of
from tests.whole.browser.conftest import PASSWORD, sign_in

pytestmark = [pytest.mark.timeout(400)]

WIDTH = 1280
KINDS = ("changelist", "add", "change", "history", "delete", "switch", "password_change")
OTHERS = (
    *("/admin/", "/admin/jobs/", "/admin/password_change/", "/admin/uniqueness/exclusion/import/"),
    *("/admin/jobs/job/?q=nothing", "/admin/jobs/job/?status__exact=failed"),
)
REFUSED = {"delete"}
"""Nobody deletes: this kind of page says so."""


@pytest.fixture
def rows(transactional_db: None, submit: Submit) -> User:
    """Rows for every list; gives the administrator."""
    job = submit(count=5, label="a job")
    register(job.owner, "https://example.test/hook")
    mint_one_chunk(job)
    create_key(user=job.owner, name="nightly")
    make_team("checkout", job.owner)
    Quota.objects.create(user=job.owner, cards_per_day=1_000, active_jobs=0)
    OrderProfile.objects.create(owner=job.owner, place=0, name="nightly", body={"count": 5})
    Anomaly.objects.create(rule="enumeration", subject="user tester", day=timezone.now())
    Worker.objects.create(name="host:12", seen_at=timezone.now())
    Queue.objects.get_or_create()
    TierSwitch.objects.create(tier="brand_shape", enabled=False)
    bring_in(text_of(OUTSIDE))
    return make_root(password=PASSWORD)


@pytest.fixture
def paths(rows: User) -> dict[str, list[str]]:
    """The pages of each kind that the administrator is shown, by kind."""
    client = Client()
    client.force_login(rows)
    found = {kind: [*_of_kind(client, kind)] for kind in KINDS}
    return found | {"others": [*OTHERS]}


@pytest.fixture
def site(paths: dict[str, list[str]], web_alone: str) -> str:
    """A web process alone; gives its address."""
    return web_alone


def _of_kind(client: Client, kind: str) -> Iterator[str]:
    wanted = 403 if kind in REFUSED else 200
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}"
        row = model._default_manager.first()
        assert row is not None, f"{model} has no row to look at"
        for arguments in ([], [row.pk]):
            try:
                path = reverse(name, args=arguments)
            except NoReverseMatch:
                continue
            if client.get(path).status_code == wanted:
                yield path


def wrong(page: Page, path: str) -> list[str]:
    """What is wrong with a page."""
    page.goto(path)
    found = violations(page)
    return [f"{path}: {one}" for one in [*found, *_too_wide(page)]]


def _too_wide(page: Page) -> list[str]:
    return [f"wider by {over}" for over in [overflow(page)] if over]


def test_every_kind_has_pages(paths: dict[str, list[str]]) -> None:
    models = len(admin.site._registry)
    assert len(paths["changelist"]) == models
    assert len(paths["change"]) == len(paths["history"]) >= models - 3
    assert len(paths["delete"]) >= models - 3
    assert [len(paths[kind]) for kind in ("add", "switch", "password_change")] == [4, 2, 1]


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_is_for_everybody(
    theme: str, paths: dict[str, list[str]], browser: Browser, site: str, page: Page
) -> None:
    sign_in(page, name="root")
    state, told = page.context.storage_state(), []
    with looking(browser, site=site, width=WIDTH, theme=theme, state=None) as stranger:
        told += wrong(stranger, "/admin/")
        assert "/login" in stranger.url
    with looking(browser, site=site, width=WIDTH, theme=theme, state=state) as looked:
        deleting = paths.pop("delete")[:1]
        for path in chain(deleting, *paths.values()):
            told += wrong(looked, path)
        looked.goto(reverse("admin:auth_user_add"))
        looked.get_by_role("button", name="Save", exact=True).click()
        expect(looked.get_by_text("Please correct the errors below.")).to_be_visible()
        told += [f"refused: {found}" for found in violations(looked)]
    assert told == [], "\n".join(told)
