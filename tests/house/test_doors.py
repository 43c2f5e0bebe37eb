"""A folder with a door is entered through it: others import what its `__init__` hands on."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

APPS = ("cardgen", "jobs", "uniqueness")
FURNITURE = {
    *("admin", "answers", "api", "headers", "query", "representation", "serializers", "urls"),
    *("events", "page", "waiting"),  # HTTP modules of watching, and pages
}
SECOND_DOORS = {"jobs.work.bell"}  # Celery's, which services must not see


def folders() -> dict[str, set[str]]:
    """Each folder with a door, and the names that it hands on."""
    found = {}
    for path in settings.BASE_DIR.glob("*/*/__init__.py"):
        if path.parts[-3] in APPS and (names := handed_on(path)):
            found[".".join(path.parts[-3:-1])] = names
    return found


def handed_on(path: Path) -> set[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def imports() -> Iterator[tuple[str, str]]:
    """Who imports which module, for all of our code but the tests."""
    for top in (*APPS, "chaos", "bench", "realtime", "generation", "toolkit"):
        for path in (settings.BASE_DIR / top).rglob("*.py"):
            who = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and node.module:
                    yield from ((who, f"{node.module}.{alias.name}") for alias in node.names)


def is_furniture(module: str) -> bool:
    name = module.rpartition(".")[2]
    return name in FURNITURE or name.rpartition("_")[2] in FURNITURE


def test_no_one_climbs_in_through_a_window():
    doors = folders()
    assert len(doors) > 15
    climbed = [
        f"{who} imports {what}"
        for who, what in imports()
        for door in doors
        if what.startswith(f"{door}.") and not who.startswith(f"{door}.")
        # `from jobs.work import lease_next`: the door itself
        if not (what.count(".") == 2 and what.rpartition(".")[2] in doors[door])
        if not any(what.startswith(second) for second in SECOND_DOORS)
        if not any(is_furniture(".".join(what.split(".")[:part])) for part in (3, 4))
    ]
    assert climbed == []


@pytest.mark.parametrize("door", sorted(folders()))
def test_what_a_door_hands_on_is_not_a_file_behind_it(door):
    """`from jobs.quotas import usage` would otherwise be two things, by who imports first."""
    folder = settings.BASE_DIR.joinpath(*door.split("."))
    assert folders()[door] & {path.stem for path in folder.glob("*.py")} == set()
