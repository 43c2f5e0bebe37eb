"""All routes."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from cardgen.anomalies import api as anomalies_api
from cardgen.http import errors, health
from cardgen.http.openapi import SchemaView
from jobs.quotas import api as quotas_api

api: list[URLPattern | URLResolver] = [
    path("cards/", include("jobs.urls")),
    path("", include("jobs.webhooks.urls")),
    path("", include("uniqueness.urls")),
    path("anomalies", anomalies_api.AnomalyListView.as_view(), name="anomalies"),
    path("quota", quotas_api.QuotaView.as_view(), name="quota"),
]

urlpatterns = [
    path("", include("jobs.pages.urls")),
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
