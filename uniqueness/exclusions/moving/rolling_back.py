"""Undo an import of cards."""

from django.db import transaction

from uniqueness.exclusions.moving.errors import NoSuchImport
from uniqueness.exclusions.removing import Removal, RemovalRequest, remove_source
from uniqueness.models import CardImport


@transaction.atomic
def roll_back(name: str, *, request: RemovalRequest) -> Removal:
    """Take all numbers of an import off the exclusions, or none, and let its name be used again.

    :raises NoSuchImport: if nothing was brought in under the name
    :raises ExclusionInUse: as `remove_source`, and what else it raises
    """
    # Waits for a process that is at one of its parts, which finds the row gone at the next.
    rows = CardImport.objects.filter(name=name)
    if not rows.select_for_update().exists():
        raise NoSuchImport(f"Nothing was brought in under the name {name!r}.")
    removal = remove_source(name, request=request)
    if not request.dry_run:
        rows.delete()
    return removal
