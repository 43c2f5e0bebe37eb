"""What is typed after `cardgen` ends with the documented codes, whosever command it is."""

import pytest
from django.contrib.auth.models import User

from tests.support.commands import run
from toolkit.exit_codes import ExitCode


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nonsense"], "there is no command 'nonsense'. See"),
        (["generat_cards"], "Did you mean generate_cards?"),
        (["issue"], "Did you mean generate_cards?"),
        (["help", "migrat"], "Did you mean migrate?"),
        (["--nonsense"], "there is no command '--nonsense'"),
    ],
)
def test_an_unknown_command_is_a_bad_request(words, told):
    done = run(*words)
    assert (done.returncode, done.stdout) == (ExitCode.BAD_REQUEST, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "line",
    ["changepassword nobody", "createsuperuser --noinput", "loaddata none"],
)
def test_a_mistake_in_a_command_of_django_is_one_too(line, monkeypatch):
    monkeypatch.delenv("DJANGO_SUPERUSER_USERNAME", raising=False)
    done = run(*line.split())
    assert (done.returncode, done.stderr.count("Traceback")) == (ExitCode.BAD_REQUEST, 0)


@pytest.mark.django_db
def test_it_is_told_as_ours_are():
    assert run("changepassword", "nobody").stderr == "cardgen: user 'nobody' does not exist\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("generate_cards --scheme visa --count 1 --format excel", "xlsx"),
        ("generate_cards --scheme visa --count 1 --defect lunh", "luhn"),
        ("generate_cards --scheme mc --count 1", "'mastercard'"),
        ("generate_cards --scheme visa --count 1 --fields number,cvc", "pan and cvv"),
        ("generate_cards --scheme visa --amount 1", "--count"),
        ("generate_cards --scheme visa --count 1 --cardholdername X", "--cardholder-name"),
        ("generate_cards --scheme visa --count 1 --user admn", "admin"),
        ("switch --tier brand-shape on --reason because_it_is_so", "brand_shape"),
        ("switch --range 400000-61 on --reason because_it_is_so", "400000-16"),
        ("create_api_key --user admin --name x --scope mint", "cards:mint"),
        ("create_api_key --user admin --name x --scope cards:mnit", "cards:mint"),
    ],
)
def test_what_may_be_meant_is_asked(catalogue, line, meant):
    User.objects.create_superuser("admin")
    done = run(*line.split())
    assert done.returncode == ExitCode.BAD_REQUEST, done.stderr
    assert f"Did you mean {meant}?" in done.stderr
