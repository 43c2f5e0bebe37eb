"""The windows of the admin: what is asked by their filters, and by nobody else."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.urls import reverse

from generation.models import TierSwitch
from toolkit.admin import Window

WINDOWS = [model for model, window in admin.site._registry.items() if isinstance(window, Window)]
LISTS = [model for model in WINDOWS if model is not TierSwitch]
"""The page of the tiers shows all of them, whatever is asked."""
_LINK = re.compile(r'href="(\?[^"]+)"')


def page_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", WINDOWS, ids=lambda model: model.__name__)
def test_every_link_of_its_filters_is_answered(admin_client, catalogue, model):
    listed = admin_client.get(page_of(model)).content.decode()
    for query in set(map(unescape, _LINK.findall(listed))):
        assert admin_client.get(f"{page_of(model)}{query}").status_code == 200, query


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_no_column_is_looked_up_by_its_beginning_or_a_pattern(admin_client, catalogue, model):
    for column in model._meta.concrete_fields:
        for way in ("startswith", "regex", "iregex", "contains", "gt"):
            answer = admin_client.get(f"{page_of(model)}?{column.name}__{way}=4")
            assert answer.status_code == 400, column.name
