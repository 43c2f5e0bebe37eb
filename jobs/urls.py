"""Routes of the job API, below /api/v1/cards/."""

from django.urls import path

from jobs.control import api as control_api
from jobs.lookup import api as lookup_api
from jobs.orders import api as orders_api
from jobs.orders import claims_api, renewals_api
from jobs.results import api as results_api
from jobs.statistics import api as statistics_api
from jobs.watching import api as watching_api
from jobs.watching import events, waiting

urlpatterns = [
    path("generate", orders_api.GenerateView.as_view(), name="generate"),
    path("generate-from-bin", orders_api.GenerateFromIinView.as_view(), name="generate-from-bin"),
    path("generate-async", orders_api.GenerateAsyncView.as_view(), name="generate-async"),
    path("check", lookup_api.CheckView.as_view(), name="check"),
    path("claim", claims_api.ClaimView.as_view(), name="claim"),
    path("renew", renewals_api.RenewView.as_view(), name="renew"),
    path("statistics", statistics_api.StatisticsView.as_view(), name="statistics"),
    path("latest", statistics_api.LatestView.as_view(), name="statistics-latest"),
    path("range", statistics_api.DaysView.as_view(), name="statistics-by-day"),
    path("aggregated", statistics_api.GroupsView.as_view(), name="statistics-by-group"),
    path("jobs", watching_api.JobListView.as_view(), name="jobs"),
    path("jobs/<uuid:job_id>", watching_api.JobView.as_view(), name="job"),
    path("jobs/<uuid:job_id>/cancel", control_api.CancelView.as_view(), name="job-cancel"),
    path("jobs/<uuid:job_id>/pause", control_api.PauseView.as_view(), name="job-pause"),
    path("jobs/<uuid:job_id>/resume", control_api.ResumeView.as_view(), name="job-resume"),
    path("jobs/<uuid:job_id>/retry", control_api.RetryView.as_view(), name="job-retry"),
    path("jobs/<uuid:job_id>/clone", control_api.CloneView.as_view(), name="job-clone"),
    path("queue", control_api.QueueView.as_view(), name="queue"),
    path(
        "jobs/<uuid:job_id>/status",
        waiting.long_poll(watching_api.JobStatusView.as_view()),
        name="job-status",
    ),
    path("jobs/<uuid:job_id>/events", events.JobEventsView.as_view(), name="job-events"),
    path("jobs/<uuid:job_id>/result", results_api.JobResultView.as_view(), name="job-result"),
    path(
        "jobs/<uuid:job_id>/result/sha256",
        results_api.JobResultSumView.as_view(),
        name="job-result-sha256",
    ),
]
