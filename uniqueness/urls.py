"""Routes about numbers, ranges, tiers and published cards, below /api/v1/."""

from django.urls import path

from toolkit import converters  # noqa: F401 (registers `row`)
from uniqueness.bloom import api as bloom_api
from uniqueness.catalogue import iins_api, published_api, schemes_api
from uniqueness.exclusions import api as exclusions_api
from uniqueness.numbers import api as numbers_api
from uniqueness.registry import api as registry_api
from uniqueness.stats import api as stats_api
from uniqueness.trail import api as trail_api

urlpatterns = [
    path("cards/vendors", schemes_api.VendorListView.as_view(), name="vendors"),
    path("cards/validate", numbers_api.ValidateView.as_view(), name="validate"),
    path("cards/search", published_api.SearchView.as_view(), name="cards-search"),
    path("cards/gateways", published_api.GatewayListView.as_view(), name="gateways"),
    path(
        "cards/gateways/<slug:slug>/cards",
        published_api.GatewayCardsView.as_view(),
        name="gateway-cards",
    ),
    path("schemes", schemes_api.SchemeListView.as_view(), name="schemes"),
    path("issuer-ranges", registry_api.RangesView.as_view(), name="issuer-ranges"),
    path("issuer-ranges/<str:name>", registry_api.RangeView.as_view(), name="issuer-range"),
    path(
        "issuer-ranges/<str:name>/test-keys",
        registry_api.RangeKeysView.as_view(),
        name="issuer-range-test-keys",
    ),
    path("tiers", registry_api.TiersView.as_view(), name="tiers"),
    path("tiers/<str:tier>", registry_api.TierView.as_view(), name="tier"),
    path("audit", trail_api.AuditView.as_view(), name="audit"),
    path("exclusions", exclusions_api.ListView.as_view(), name="exclusions"),
    path("exclusions/import", exclusions_api.ImportView.as_view(), name="exclusions-import"),
    path("exclusions/remove", exclusions_api.RemoveView.as_view(), name="exclusions-remove"),
    path("iins/<str:iin>", iins_api.IinView.as_view(), name="iin"),
    path("uniqueness/stats", stats_api.StatsView.as_view(), name="uniqueness-stats"),
    path("uniqueness/bloom", bloom_api.BloomListView.as_view(), name="bloom-filters"),
    path(
        "uniqueness/bloom/<str:range>/<row:window>",
        bloom_api.BloomView.as_view(),
        name="bloom-filter",
    ),
    path("test-cards", published_api.TestCardListView.as_view(), name="test-cards"),
    path("test-cards/lookup", published_api.LookupView.as_view(), name="test-cards-lookup"),
]
