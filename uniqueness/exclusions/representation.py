"""How exclusions and what was done with them are shown over HTTP."""

from typing import Any

from rest_framework import serializers

from uniqueness.exclusions.imports.forms import ListForm
from uniqueness.models import Exclusion


class ToldLineSerializer(serializers.Serializer[Any]):
    """A line that holds no number, or one that may be no card number."""

    line = serializers.IntegerField(help_text="counted from 1")
    reason = serializers.CharField()


class JobCountSerializer(serializers.Serializer[Any]):
    """Numbers that one job issued."""

    job = serializers.UUIDField(allow_null=True)
    numbers = serializers.IntegerField()


class IssuedNumberSerializer(serializers.Serializer[Any]):
    """A number that a card has."""

    number = serializers.CharField(help_text="masked")
    job = serializers.UUIDField(allow_null=True)


class ReportSerializer(serializers.Serializer[Any]):
    """What an import found. The counts of lines add up: each line is in one of them."""

    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    format = serializers.ChoiceField(choices=[form.value for form in ListForm])
    dry_run = serializers.BooleanField()
    new = serializers.IntegerField(help_text="excluded from now on")
    known = serializers.IntegerField(help_text="excluded before")
    issued = serializers.IntegerField(help_text="a card has them: not added")
    duplicates = serializers.IntegerField(help_text="lines that repeat a number")
    differing = serializers.IntegerField(
        help_text="numbers that come with more than one expiry date or CVV, kept once"
    )
    lines = serializers.IntegerField()
    header = serializers.IntegerField()
    blank = serializers.IntegerField()
    continued = serializers.IntegerField(help_text="lines within a record of CSV")
    invalid = serializers.IntegerField()
    invalid_reasons = serializers.DictField(child=serializers.IntegerField())
    invalid_lines = ToldLineSerializer(many=True, help_text="the first 1,000")
    doubtful = serializers.IntegerField(help_text="numbers that were taken, and may be none")
    doubtful_reasons = serializers.DictField(child=serializers.IntegerField())
    doubtful_lines = ToldLineSerializer(many=True, help_text="the first 1,000")
    issued_by_job = JobCountSerializer(many=True, help_text="the 1,000 jobs with the most")
    issued_numbers = IssuedNumberSerializer(many=True, help_text="the first 1,000")
    seconds = serializers.FloatField()
    locked_seconds = serializers.FloatField(help_text="for how long no card could be issued")


class ExclusionSerializer(serializers.Serializer[Any]):
    """A number that must never be issued."""

    number = serializers.CharField(help_text="of others than administrators the IIN alone")
    reason = serializers.ChoiceField(choices=Exclusion.Reason.choices)
    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    claimed_by = serializers.CharField(allow_null=True, help_text="name of the user")
    range = serializers.CharField(allow_null=True, help_text="the registered range it lies in")
    created_at = serializers.DateTimeField()


class ExclusionListSerializer(serializers.Serializer[Any]):
    """A page of exclusions, in the order of their numbers."""

    results = ExclusionSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class RemovalSerializer(serializers.Serializer[Any]):
    """What became of the numbers: `free`, `passed` and `outside` add up to `removed`."""

    removed = serializers.IntegerField()
    free = serializers.IntegerField(help_text="can be issued from now on")
    passed = serializers.IntegerField(help_text="cannot: their slots were passed meanwhile")
    outside = serializers.IntegerField(help_text="in no registered range")
    not_excluded = serializers.IntegerField(help_text="were not there to be removed")
    dry_run = serializers.BooleanField(help_text="nothing was changed")
