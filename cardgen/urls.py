"""All routes."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from cardgen import errors, health
from cardgen.openapi import SchemaView
from jobs import quota_api
from uniqueness import api as catalogue
from uniqueness import (
    exclusions_api,
    iins_api,
    numbers_api,
    published_api,
    registry_api,
    stats_api,
)
from uniqueness.bloom import api as bloom_api

api: list[URLPattern | URLResolver] = [
    path("cards/vendors", catalogue.VendorListView.as_view(), name="vendors"),
    path("cards/validate", numbers_api.ValidateView.as_view(), name="validate"),
    path("cards/search", published_api.SearchView.as_view(), name="cards-search"),
    path("cards/gateways", published_api.GatewayListView.as_view(), name="gateways"),
    path(
        "cards/gateways/<slug:slug>/cards",
        published_api.GatewayCardsView.as_view(),
        name="gateway-cards",
    ),
    path("cards/", include("jobs.urls")),
    path("", include("jobs.webhooks.urls")),
    path("quota", quota_api.QuotaView.as_view(), name="quota"),
    path("schemes", catalogue.SchemeListView.as_view(), name="schemes"),
    path("issuer-ranges", registry_api.RangesView.as_view(), name="issuer-ranges"),
    path("issuer-ranges/<str:name>", registry_api.RangeView.as_view(), name="issuer-range"),
    path(
        "issuer-ranges/<str:name>/test-keys",
        registry_api.RangeKeysView.as_view(),
        name="issuer-range-test-keys",
    ),
    path("tiers", registry_api.TiersView.as_view(), name="tiers"),
    path("tiers/<str:tier>", registry_api.TierView.as_view(), name="tier"),
    path("audit", registry_api.AuditView.as_view(), name="audit"),
    path("exclusions", exclusions_api.ListView.as_view(), name="exclusions"),
    path("exclusions/import", exclusions_api.ImportView.as_view(), name="exclusions-import"),
    path("exclusions/remove", exclusions_api.RemoveView.as_view(), name="exclusions-remove"),
    path("iins/<str:iin>", iins_api.IinView.as_view(), name="iin"),
    path("uniqueness/stats", stats_api.StatsView.as_view(), name="uniqueness-stats"),
    path("uniqueness/bloom", bloom_api.BloomListView.as_view(), name="bloom-filters"),
    path(
        "uniqueness/bloom/<str:range>/<int:window>",
        bloom_api.BloomView.as_view(),
        name="bloom-filter",
    ),
    path("test-cards", published_api.TestCardListView.as_view(), name="test-cards"),
    path("test-cards/lookup", published_api.LookupView.as_view(), name="test-cards-lookup"),
]

urlpatterns = [
    path("", include("jobs.page_urls")),
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
