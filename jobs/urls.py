"""Routes of the job API, below /api/v1/cards/."""

from django.urls import path

from jobs import api, check_api, claims_api, renewals_api, results

urlpatterns = [
    path("generate", api.GenerateView.as_view(), name="generate"),
    path("generate-from-bin", api.GenerateFromIinView.as_view(), name="generate-from-bin"),
    path("generate-async", api.GenerateAsyncView.as_view(), name="generate-async"),
    path("check", check_api.CheckView.as_view(), name="check"),
    path("claim", claims_api.ClaimView.as_view(), name="claim"),
    path("renew", renewals_api.RenewView.as_view(), name="renew"),
    path("jobs", api.JobListView.as_view(), name="jobs"),
    path("jobs/<uuid:job_id>", api.JobView.as_view(), name="job"),
    path("jobs/<uuid:job_id>/status", api.JobStatusView.as_view(), name="job-status"),
    path("jobs/<uuid:job_id>/result", results.JobResultView.as_view(), name="job-result"),
]
