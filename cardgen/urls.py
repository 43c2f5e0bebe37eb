"""All routes."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path

from cardgen.access.account import page as account_page
from cardgen.access.keys import api as access_api
from cardgen.access.keys import page as keys_page
from cardgen.administration import audit_page, exclusions_page, tiers_page
from cardgen.administration import page as administration_page
from cardgen.administration import ranges_page as ranges_switch
from cardgen.administration.people import listing as people_pages
from cardgen.administration.people import person as person_pages
from cardgen.administration.people import quota as quota_page
from cardgen.administration.people import teams as team_pages
from cardgen.anomalies import api as anomalies_api
from cardgen.http import errors, health, index
from cardgen.http.reference import page as reference_page
from cardgen.http.reference.document import SchemaView
from cardgen.manual import views as manual
from cardgen.operations.page import overview_page
from cardgen.operations.ranges_page import ranges_page
from jobs.lookup import page as check_page
from jobs.lookup import scan_page
from jobs.orders import profiles_api
from jobs.proof import page as proof_page
from jobs.quotas import api as quotas_api
from jobs.watching import teams_api
from jobs.webhooks import page as webhooks_page
from toolkit import converters  # noqa: F401 (registers `row`)
from uniqueness.catalogue import published_page

api: list[URLPattern | URLResolver] = [
    path("cards/", include("jobs.urls")),
    path("", include("jobs.webhooks.urls")),
    path("", include("uniqueness.urls")),
    path("anomalies", anomalies_api.AnomalyListView.as_view(), name="anomalies"),
    path("keys", access_api.KeysView.as_view(), name="keys"),
    path("keys/<row:key_id>", access_api.KeyView.as_view(), name="key"),
    path("keys/<row:key_id>/rotate", access_api.RotateView.as_view(), name="key-rotate"),
    path("quota", quotas_api.QuotaView.as_view(), name="quota"),
    path("profiles", profiles_api.ProfileListView.as_view(), name="profiles"),
    path("profiles/<row:profile_id>", profiles_api.ProfileView.as_view(), name="profile"),
    path("teams", teams_api.TeamListView.as_view(), name="teams"),
]

urlpatterns = [
    path("", include("jobs.pages.urls")),
    path("test-cards", published_page.published_cards, name="test-cards-page"),
    path("check", check_page.check_numbers, name="check-page"),
    path("scan", scan_page.scan_file, name="scan-page"),
    path("scan/piece", scan_page.scan_piece, name="scan-piece"),
    path("uniqueness", proof_page.overview, name="uniqueness-page"),
    path("uniqueness/proof", proof_page.proof, name="proof-page"),
    path("uniqueness/prove", proof_page.prove_now, name="prove-now"),
    path("jobs/<uuid:job_id>/prove", proof_page.prove_job, name="prove-job"),
    path("overview", overview_page, name="overview"),
    path("ranges", ranges_page, name="ranges-page"),
    path("keys", keys_page.keys, name="keys-page"),
    path("keys/<row:key_id>/rotate", keys_page.rotate, name="key-rotate-page"),
    path("keys/<row:key_id>/revoke", keys_page.revoke, name="key-revoke-page"),
    path("webhooks", webhooks_page.webhooks, name="webhooks-page"),
    path("webhooks/<uuid:webhook_id>", webhooks_page.webhook, name="webhook-page"),
    path("webhooks/<uuid:webhook_id>/test", webhooks_page.send_test, name="webhook-test-page"),
    path("webhooks/<uuid:webhook_id>/delete", webhooks_page.delete, name="webhook-delete-page"),
    path(
        "webhooks/deliveries/<row:delivery_id>/resend",
        webhooks_page.resend,
        name="webhook-resend-page",
    ),
    path("administration", administration_page.administration, name="administration"),
    path("administration/queue", administration_page.switch_queue, name="queue-switch"),
    path("administration/settings", administration_page.settings_page, name="settings-page"),
    path("administration/audit", audit_page.audit, name="audit-page"),
    path("administration/tiers/<str:tier>", tiers_page.switch, name="tier-switch"),
    path("administration/ranges/<str:name>", ranges_switch.switch, name="range-switch"),
    path("administration/exclusions", exclusions_page.exclusions, name="exclusions-page"),
    path("administration/people", people_pages.people, name="people-page"),
    path("administration/people/<row:user_id>", person_pages.person, name="person-page"),
    path("administration/people/<row:user_id>/switch", person_pages.switch, name="person-switch"),
    path(
        "administration/people/<row:user_id>/password",
        person_pages.password,
        name="person-password",
    ),
    path("administration/people/<row:user_id>/quota", quota_page.quota, name="person-quota"),
    path("administration/teams", team_pages.teams, name="teams-page"),
    path("administration/teams/<row:team_id>", team_pages.team, name="team-page"),
    path("administration/teams/<row:team_id>/rename", team_pages.rename, name="team-rename"),
    path(
        "administration/teams/<row:team_id>/<row:user_id>/leave",
        team_pages.leave,
        name="team-leave",
    ),
    path("account", account_page.account, name="account-page"),
    path("account/password", account_page.PasswordView.as_view(), name="password-page"),
    path("api/v1", index.IndexView.as_view(), name="api"),
    path("api/v1/", include(api)),
    path("api/schema", SchemaView.as_view(), name="schema"),
    path("api/docs", reference_page.page, name="api-docs"),
    path("docs", manual.first, name="docs"),
    path("docs/<path:page>", manual.show, name="docs-page"),
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
