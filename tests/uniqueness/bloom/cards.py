"""Cards in the ledger, put there as minters do, and numbers that are not."""

from io import StringIO
from pathlib import Path
from typing import NoReturn

import numpy as np
from django.core.management import call_command
from django.db import connection, transaction

from generation.kernel.mint import mint
from generation.kernel.mint import span as slots_from
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from generation.ranges import spec
from uniqueness.bloom import before_record, windows
from uniqueness.models import Pool

PROFILE = Profile(first_month=2030 * 12, months=1)


def pans_of(issuer_range: IssuerRange, *, first: int = 0, count: int = 100) -> np.ndarray:
    """The numbers of slots, issued or not."""
    return mint(spec(issuer_range), slots=slots_from(first, count), profile=PROFILE).pans


def insert(slots: np.ndarray, pans: np.ndarray) -> None:
    """Write rows into the ledger."""
    texts = [pan.decode() for pan in pans.tolist()]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO uniqueness_ledger (slot, pan, expiry, cvv)"
            " SELECT unnest(%s::bigint[]), unnest(%s::varchar[]), '2030-01-31', '123'",
            [slots.tolist(), texts],
        )


@transaction.atomic
def issue(
    issuer_range: IssuerRange, *, first: int = 0, count: int = 100, pans: np.ndarray | None = None
) -> np.ndarray:
    """Write cards as a minter does; return their numbers."""
    slots = slots_from(first, count) + issuer_range.first_slot
    pans = pans_of(issuer_range, first=first, count=count) if pans is None else pans
    before_record(slots)
    insert(slots, pans)
    return pans


def pass_cursor(issuer_range: IssuerRange, *, next_slot: int) -> None:
    """Hand out all slots below `next_slot`."""
    Pool.objects.update_or_create(issuer_range=issuer_range, defaults={"next_slot": next_slot})


def window_of(issuer_range: IssuerRange, window: int = 0) -> int:
    """Number a window among all."""
    return windows.packed(issuer_range, window)


def same_window(window: int, pans: np.ndarray) -> np.ndarray:
    """The window of each number, all the same."""
    return np.full(pans.size, window, dtype=np.int64)


def exported(folder: Path, range_name: str = "999998-16", *, force: bool = False) -> list[Path]:
    out = StringIO()
    call_command("export_bloom", range=range_name, out=folder, force=force, stdout=out)
    return [Path(line) for line in out.getvalue().split()]


def interrupted(*_: object, **__: object) -> NoReturn:
    """Somebody presses Ctrl-C when the bar is shown."""
    raise KeyboardInterrupt


def numbers(count: int, *, seed: int = 1, length: int = 16) -> np.ndarray:
    digits = np.random.default_rng(seed).integers(48, 58, (count, length), dtype=np.uint8)
    return digits.view(f"S{length}").ravel()
