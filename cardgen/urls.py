"""All routes."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from cardgen import errors, health
from cardgen.openapi import SchemaView
from uniqueness import api as catalogue

api: list[URLPattern | URLResolver] = [
    path("cards/vendors", catalogue.VendorListView.as_view(), name="vendors"),
    path("cards/", include("jobs.urls")),
    path("schemes", catalogue.SchemeListView.as_view(), name="schemes"),
    path("issuer-ranges", catalogue.RangeListView.as_view(), name="issuer-ranges"),
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
