"""The form of a file to be imported, for the admin and the pages."""

from typing import Any

from django import forms

from toolkit.actor import Actor
from toolkit.refusals import Refusal
from uniqueness.exclusions.imports.forms import MOST_BYTES, TOO_LARGE, ListForm, form_of
from uniqueness.exclusions.imports.importing import ImportRequest, LinesRefused, import_numbers
from uniqueness.exclusions.imports.report import ImportReport, Lines

_BY_NAME = ("", "by the file's name")
_PLACES = {"invalid_source": "source", "reason_missing": "reason", "pan_in_reason": "reason"}
"""Which field a refusal is about, if not the file."""


class ImportForm(forms.Form):
    """What the import service asks for; its refusals are this form's errors."""

    file = forms.FileField(
        allow_empty_file=True,
        help_text="one number a line, CSV, NDJSON, JSON or an SQL dump; at most"
        f" {MOST_BYTES >> 20} MiB",
    )
    format = forms.ChoiceField(
        choices=[_BY_NAME, *((form.value, form.value) for form in ListForm)], required=False
    )
    source = forms.CharField(
        max_length=200, required=False, help_text="kept with each number; the file's name if empty"
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), help_text="stands in the audit trail"
    )
    dry_run = forms.BooleanField(
        required=False, initial=True, help_text="only report what would be done"
    )
    strict = forms.BooleanField(required=False, help_text="import nothing if a line is bad")

    refused_lines: Lines | None = None
    """What is wrong with a file that was refused."""

    def clean_file(self) -> Any:
        """Refuse what the server should not work on while a browser waits."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file

    def run(self, *, actor: Actor) -> ImportReport | None:
        """Import; None with `errors` filled if something is wrong."""
        if not self.is_valid():
            return None
        asked = self.cleaned_data
        file = asked["file"]
        request = ImportRequest(
            form=ListForm(asked["format"] or form_of(file.name)),
            source=asked["source"] or file.name,
            actor=actor,
            reason=asked["reason"],
            dry_run=asked["dry_run"],
            strict=asked["strict"],
        )
        try:
            return import_numbers(file, request=request)
        except Refusal as refusal:
            self.add_error(_PLACES.get(refusal.code, "file"), refusal.detail)
            if isinstance(refusal, LinesRefused):
                self.refused_lines = refusal.lines
            return None
