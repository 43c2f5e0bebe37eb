"""The files of a finished job: form, size, checksum, and the command that fetches one."""

import shlex
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from jobs import results
from jobs.models import Job
from jobs.results import Download, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to be had; `size` and `summed` are of text forms alone: others differ each time."""

    download: Download
    size: Size | None

    @property
    def summed(self) -> bool:
        """Tell whether its SHA-256 can be asked for."""
        return self.size is not None


def files_of(job: Job) -> list[File]:
    """List the files of a finished job.

    :raises ResultChanged: if its cards are gone
    """
    sizes = results.sizes(job)
    return [File(download=one, size=sizes.get(one.form)) for one in results.downloads(job)]


def fetching(request: HttpRequest, job: Job) -> str:
    """Write the command that fetches the CSV file, and fails where the server refuses."""
    url = request.build_absolute_uri(reverse("job-result", args=[job.id]))
    return (
        "curl --fail-with-body --remote-name --remote-header-name \\\n"
        '  -H "Authorization: Bearer $CARDGEN_API_KEY" \\\n'
        f"  {shlex.quote(f'{url}?format=csv')}"
    )
