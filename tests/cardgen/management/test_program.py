"""What is typed after `cardgen` ends with the documented codes, whosever command it is."""

import subprocess

import pytest
from django.contrib.auth.models import User

from tests.support.commands import MANAGE, run
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


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("check job", "there is no app 'job'. Did you mean jobs? Known: "),
        ("check jobs noapp", "there is no app 'noapp'. Known: "),
        ("migrate uniquenes", "Did you mean uniqueness?"),
        ("showmigrations jobs noapp", "there is no app 'noapp'."),
        ("sqlmigrate noapp 0001", "there is no app 'noapp'."),
        ("makemigrations noapp --dry-run", "there is no app 'noapp'."),
        ("squashmigrations noapp 0001", "there is no app 'noapp'."),
        ("optimizemigration noapp 0001", "there is no app 'noapp'."),
        ("sqlsequencereset noapp", "there is no app 'noapp'."),
        ("dumpdata noapp.Job", "there is no app 'noapp'."),
        ("test noapp", "there is no module, folder or file 'noapp'"),
        ("test .noapp", "there is no module, folder or file '.noapp'"),
        ("diffsettings --default=nomodule", "there is no Python module 'nomodule'"),
    ],
)
def test_an_app_or_a_module_that_is_not_there_is_told_in_one_line(line, told):
    done = run(*line.split())
    assert (done.returncode, done.stdout) == (ExitCode.BAD_REQUEST, "")
    assert done.stderr.startswith("cardgen: ")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_app_that_is_there_is_looked_at():
    assert run("check", "jobs", "uniqueness").returncode == ExitCode.DONE


def test_settings_that_are_not_there_are_told_in_one_line():
    command = [*MANAGE, "check", "--settings", "nomodule.one"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.BAD_REQUEST
    assert done.stderr == "cardgen: there is no Python module 'nomodule'\n"


def test_a_module_that_nobody_named_is_told_with_its_place():
    with pytest.raises(ModuleNotFoundError):
        run("shell", "-c", "import nomodule")


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
