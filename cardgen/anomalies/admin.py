"""Anomalies in the admin: look. A key's suspension is lifted where the keys are."""

from django.contrib import admin

from cardgen.anomalies.models import Anomaly
from toolkit.admin import Window


@admin.register(Anomaly)
class AnomalyAdmin(Window):
    """Newest first."""

    list_display = ["at", "rule", "subject", "detail", "api_key", "user", "suspended", "throttled"]
    list_select_related = ["api_key", "user"]
    list_filter = ["rule", "suspended", "throttled"]
    ordering = ["-id"]
