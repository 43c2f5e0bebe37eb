"""Routes of the pages."""

from django.urls import path

from jobs import pages

urlpatterns = [
    path("", pages.dashboard, name="dashboard"),
    path("jobs/<uuid:job_id>", pages.job_page, name="job-page"),
    path("jobs/<uuid:job_id>/control", pages.job_control, name="job-control"),
    path("jobs/<uuid:job_id>/row", pages.job_row, name="job-row"),
    path("jobs/<uuid:job_id>/outcome", pages.job_outcome, name="job-outcome"),
]
