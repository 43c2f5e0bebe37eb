"""What is typed after `cardgen` ends with the documented codes, whosever command it is."""

import pytest

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
