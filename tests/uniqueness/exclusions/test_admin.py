"""The admin's upload page."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.actors import entries
from tests.support.exclusions import kept
from tests.uniqueness.exclusions.files import OUTSIDE, text_of
from uniqueness.exclusions import import_form

PAGE = "/admin/uniqueness/exclusion/import/"
WHY = "list of the acquirer"


def upload(client, content: bytes, *, name: str = "bank.txt", **fields: str):
    file = SimpleUploadedFile(name, content)
    return client.post(PAGE, {"file": file, "reason": WHY, "format": "", "source": ""} | fields)


def test_the_list_leads_to_the_page(admin_client, catalogue):
    assert PAGE in admin_client.get("/admin/uniqueness/exclusion/").content.decode()
    assert 'enctype="multipart/form-data"' in admin_client.get(PAGE).content.decode()


def test_a_file_is_imported_and_the_report_shown(admin_client, catalogue):
    page = upload(admin_client, text_of(OUTSIDE, "bad")).content.decode()
    assert "1 new number excluded" in page
    assert "line 2: only digits" in page
    assert kept(OUTSIDE).source == "bank.txt"
    assert entries().get().actor == "admin"


def test_a_file_without_a_number_is_refused_with_its_bad_lines(admin_client, catalogue):
    page = upload(admin_client, text_of("bad", "12345")).content.decode()
    assert "1 time: a number has 12 to 19 digits" in page
    assert "line 1: only digits" in page


def test_a_strict_import_is_refused_with_its_bad_lines(admin_client, catalogue):
    page = upload(admin_client, text_of(OUTSIDE, "bad"), strict="on").content.decode()
    assert "line 2: only digits" in page
    assert not kept(OUTSIDE)


def test_a_dry_run_changes_nothing_and_says_so(admin_client, catalogue):
    page = upload(admin_client, text_of(OUTSIDE), dry_run="on").content.decode()
    assert "nothing was changed" in page
    assert not kept(OUTSIDE)


def test_the_form_of_the_file_can_be_named(admin_client, catalogue):
    upload(admin_client, f"pan;x\n{OUTSIDE};1\n".encode(), format="csv")
    assert kept(OUTSIDE)


@pytest.mark.parametrize(
    ("content", "fields", "words"),
    [
        (b"", {}, "The file is empty"),
        (b"\0", {}, "zero bytes"),
        (OUTSIDE.encode(), {"reason": ""}, "This field is required"),
        (OUTSIDE.encode(), {"reason": "because"}, "at least 10 characters"),
        (OUTSIDE.encode(), {"format": "xml"}, "Select a valid choice"),
        (OUTSIDE.encode(), {"name": "4111111111111111.txt"}, "no card number may stand in it"),
    ],
)
def test_what_is_wrong_is_told_in_the_form(admin_client, catalogue, content, fields, words):
    page = upload(admin_client, content, **fields).content.decode()
    assert words in page
    assert not kept(OUTSIDE)


def test_a_file_over_the_limit_is_refused_with_the_way_out(admin_client, catalogue, monkeypatch):
    monkeypatch.setattr(import_form, "MOST_BYTES", 5)
    page = upload(admin_client, text_of(OUTSIDE)).content.decode()
    assert "cardgen import_exclusions" in page


def test_no_page_is_about_one_number(admin_client, catalogue):
    listed = admin_client.get("/admin/uniqueness/exclusion/").content.decode()
    assert "4111111111111111" not in listed
    for page in ("change", "history", "delete"):
        for number in ("4111111111111111", OUTSIDE):
            answer = admin_client.get(f"/admin/uniqueness/exclusion/{number}/{page}/")
            assert answer.status_code == 404


@pytest.mark.parametrize("lookup", ["pan__startswith", "pan", "pan__regex", "source"])
def test_a_number_cannot_be_guessed_by_looking_it_up(admin_client, catalogue, lookup):
    for guess in ("4", "9"):
        answer = admin_client.get(f"/admin/uniqueness/exclusion/?{lookup}={guess}")
        assert answer.status_code == 400
    filtered = admin_client.get("/admin/uniqueness/exclusion/?reason__exact=published")
    assert filtered.status_code == 200


def test_staff_do_not_see_the_list(client, user, catalogue):
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_exclusion"))
    client.force_login(user)
    assert client.get("/admin/uniqueness/exclusion/").status_code == 403


def test_testers_do_not_get_in(client, user, catalogue):
    user.is_staff = True
    user.save()
    client.force_login(user)
    assert client.get(PAGE).status_code == 403
    assert upload(client, text_of(OUTSIDE)).status_code == 403
