"""Routes of the pages."""

from django.urls import path

from jobs.pages.design import design
from jobs.pages.job import page as job
from jobs.pages.listing import bulk
from jobs.pages.listing import page as listing
from jobs.pages.order import page as order
from jobs.pages.order import profiles
from toolkit import converters  # noqa: F401 (registers `row`)

urlpatterns = [
    path("", order.dashboard, name="dashboard"),
    path("order-preview", order.order_preview, name="order-preview"),
    path("profiles", profiles.profiles_page, name="profiles-page"),
    path("profiles/<row:profile_id>", profiles.profile_page, name="profile-page"),
    path("profiles/<row:profile_id>/delete", profiles.delete, name="profile-delete-page"),
    path("design", design, name="design"),
    path("jobs", listing.jobs_page, name="jobs-page"),
    path("jobs/bulk", bulk.jobs_bulk, name="jobs-bulk"),
    path("jobs/<uuid:job_id>", job.job_page, name="job-page"),
    path("jobs/<uuid:job_id>/control", job.job_control, name="job-control"),
    path("jobs/<uuid:job_id>/row", listing.job_row, name="job-row"),
    path("jobs/<uuid:job_id>/outcome", job.job_outcome, name="job-outcome"),
]
