"""All routes."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from cardgen.access.keys import api as access_api
from cardgen.access.keys import page as keys_page
from cardgen.anomalies import api as anomalies_api
from cardgen.http import errors, health
from cardgen.http.openapi import SchemaView
from jobs.quotas import api as quotas_api
from jobs.watching import teams_api
from toolkit import converters  # noqa: F401 (registers `row`)

api: list[URLPattern | URLResolver] = [
    path("cards/", include("jobs.urls")),
    path("", include("jobs.webhooks.urls")),
    path("", include("uniqueness.urls")),
    path("anomalies", anomalies_api.AnomalyListView.as_view(), name="anomalies"),
    path("keys", access_api.KeysView.as_view(), name="keys"),
    path("keys/<row:key_id>", access_api.KeyView.as_view(), name="key"),
    path("keys/<row:key_id>/rotate", access_api.RotateView.as_view(), name="key-rotate"),
    path("quota", quotas_api.QuotaView.as_view(), name="quota"),
    path("teams", teams_api.TeamListView.as_view(), name="teams"),
]

urlpatterns = [
    path("", include("jobs.pages.urls")),
    path("keys", keys_page.keys, name="keys-page"),
    path("keys/<row:key_id>/rotate", keys_page.rotate, name="key-rotate-page"),
    path("keys/<row:key_id>/revoke", keys_page.revoke, name="key-revoke-page"),
    path("api/v1/", include(api)),
    path("api/schema", SchemaView.as_view(), name="schema"),
    path(
        "api/docs",
        SpectacularSwaggerSplitView.as_view(url_name="schema", permission_classes=[AllowAny]),
        name="api-docs",
    ),
    path("login", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("health", health.ready, name="health"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error
