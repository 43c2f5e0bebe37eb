"""Time the pages of a tester with 100,000 jobs, through Django.

Half of the jobs are small orders of an API key, a thousand an hour; the others are people's. One in
a thousand failed.
"""

import sys
from statistics import median
from time import perf_counter

import django

django.setup()

from django.conf import settings  # noqa: E402 (needs Django set up)
from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402

from cardgen.embedded import paths  # noqa: E402
from jobs.models import Job  # noqa: E402
from toolkit.rights import Role  # noqa: E402

_JOBS, _ROUNDS = 100_000, 7
_FILL = """
    INSERT INTO jobs_job (id, owner_id, label, status, requested, produced, version, error_code,
        error, first_month, months, cvv, cardholder_name, address, postcode, service_code,
        pin_length, month, distinct_last_four, sequential, defect, fields, idempotency_route,
        fingerprint, api_key_id, request_id, created_at)
    SELECT gen_random_uuid(), %(owner)s, CASE WHEN n %% 2 = 0 THEN '' ELSE 'run ' || n END,
        CASE WHEN n %% 1000 = 1 THEN 'failed' ELSE 'succeeded' END, 1,
        CASE WHEN n %% 1000 = 1 THEN 0 ELSE 1 END, 2, '', '', 24360, 24, '', '', '', '', '', 4, 0,
        false, false, '', '{}', '', '', CASE WHEN n %% 2 = 0 THEN 1 END, '',
        now() - make_interval(secs => n * 1.8)
    FROM generate_series(1, %(jobs)s) n
"""
_ITEMS = """
    INSERT INTO jobs_item (job_id, position, issuer_range_id, count)
    SELECT j.id, 0, (SELECT min(id) FROM generation_issuerrange WHERE scheme = 'visa'), 1
    FROM jobs_job j
"""


def main() -> None:
    """Fill the table, and print what each page takes."""
    client = _client(_filled())
    for name, path in _paths().items():
        print(f"{name:32}{1_000 * _seconds(client, path):6.0f} ms", file=sys.stdout)  # noqa: T201


def _filled() -> User:
    connections.close_all()
    connections.databases["default"]["USER"] = paths.OWNER
    call_command("migrate", verbosity=0)
    call_command("load_catalogue", verbosity=0)
    owner = User.objects.create_user("tester")
    owner.groups.add(Group.objects.get(name=Role.TESTER))
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"owner": owner.pk, "jobs": _JOBS})
        cursor.execute(_ITEMS)
        cursor.execute("ANALYZE")
    return owner


def _client(owner: User) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(owner)
    return client


def _paths() -> dict[str, str]:
    old = Job.objects.order_by("created_at")[1_000]
    place = f"{old.created_at:%Y-%m-%dT%H:%M:%S.%f}Z~{old.id}"
    return {
        "the first page": "/jobs",
        "the orders of one key alone": "/jobs?key=1",
        "a page at the other end": f"/jobs?after={place}",
        "those that failed": "/jobs?status=failed",
        "a word that no label has": "/jobs?q=nothing",
        "a scheme": "/jobs?scheme=visa",
    }


def _seconds(client: Client, path: str) -> float:
    taken = list[float]()
    for _ in range(_ROUNDS):
        began = perf_counter()
        answer = client.get(path)
        taken.append(perf_counter() - began)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answers {answer.status_code}")
    return median(taken)


if __name__ == "__main__":
    main()
