"""The windows of the admin: what is asked by their filters, and by nobody else."""

import re
from collections.abc import Iterable
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.urls import reverse

from cardgen.logs import MaskedFormatter
from generation.models import TierSwitch
from toolkit.admin import Window

WINDOWS = [model for model, window in admin.site._registry.items() if isinstance(window, Window)]
LISTS = [model for model in WINDOWS if model is not TierSwitch]
"""The page of the tiers shows all of them, whatever is asked."""
_LINK = re.compile(r'href="(\?[^"]+)"')


def page_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def some_of_each_filter(queries: Iterable[str]) -> list[str]:
    """At most five choices of a filter, the last among them: of ranges there are hundreds."""
    choices: dict[str, list[str]] = {}
    for query in queries:
        choices.setdefault(query.partition("=")[0], []).append(query)
    return [query for found in choices.values() for query in (*found[:4], found[-1])]


@pytest.mark.parametrize("model", WINDOWS, ids=lambda model: model.__name__)
def test_every_link_of_its_filters_is_answered(admin_client, catalogue, model):
    listed = admin_client.get(page_of(model)).content.decode()
    for query in some_of_each_filter(map(unescape, _LINK.findall(listed))):
        assert admin_client.get(f"{page_of(model)}{query}").status_code == 200, query


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_no_column_is_looked_up_by_its_beginning_or_a_pattern(rf, admin_user, model):
    window = admin.site._registry[model]
    for column in model._meta.concrete_fields:
        for way in ("startswith", "regex", "iregex", "contains", "gt"):
            request = rf.get(page_of(model), {f"{column.name}__{way}": "4"})
            request.user = admin_user
            with pytest.raises(DisallowedModelAdminLookup):
                window.get_changelist_instance(request)


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_such_a_question_is_a_bad_request_and_one_line(admin_client, model, caplog):
    column = model._meta.concrete_fields[0].name
    answer = admin_client.get(f"{page_of(model)}?{column}__startswith=something+typed")
    assert answer.status_code == 400
    (record,) = [one for one in caplog.records if one.name.startswith("django.security")]
    line = MaskedFormatter(as_json=False).format(record)
    assert f"Filtering by {column}__startswith not allowed" in line
    assert "\n" not in line
    assert "typed" not in line
