"""Routes of the pages."""

from django.urls import path

from jobs.pages import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("request-line", views.request_line, name="request-line"),
    path("jobs/<uuid:job_id>", views.job_page, name="job-page"),
    path("jobs/<uuid:job_id>/control", views.job_control, name="job-control"),
    path("jobs/<uuid:job_id>/row", views.job_row, name="job-row"),
    path("jobs/<uuid:job_id>/outcome", views.job_outcome, name="job-outcome"),
]
