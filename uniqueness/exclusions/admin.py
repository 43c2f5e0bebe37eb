"""Exclusions in the admin: a window, and the page that imports a file."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import Truncator

from generation.schemes.text import mask
from toolkit.actor import Actor, actor_of
from toolkit.admin import Window
from toolkit.refusals import Refusal
from uniqueness.exclusions.imports.forms import MOST_BYTES, TOO_LARGE, ListForm, form_of
from uniqueness.exclusions.imports.importing import ImportRequest, LinesRefused, import_numbers
from uniqueness.exclusions.imports.rendering import about_lines, text_of
from uniqueness.exclusions.imports.report import ImportReport
from uniqueness.models import Exclusion, ImportedToken

_BY_NAME = ("", "by the file's name")


class ImportForm(forms.Form):
    """What the import service asks for; its refusals are this form's errors."""

    file = forms.FileField(
        allow_empty_file=True,
        help_text=f"one number a line, CSV or NDJSON, at most {MOST_BYTES >> 20} MiB",
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

    bad_lines = ""
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
            self.add_error(None, refusal.detail)
            if isinstance(refusal, LinesRefused):
                self.bad_lines = "\n".join(about_lines(refusal.lines))
            return None


@admin.register(Exclusion)
class ExclusionAdmin(Window):
    """Numbers never minted, masked, for administrators alone: an imported one may be a real card.

    There are no pages of single ones: their URLs would hold the number.
    """

    change_list_template = "admin/uniqueness/exclusion/change_list.html"
    list_display = ["masked", "why", "where", "claimed_by", "created_at"]
    list_select_related = ["claimed_by"]
    list_display_links = None
    list_filter = ["reason"]

    @admin.display(description="reason", ordering="reason")
    def why(self, exclusion: Exclusion) -> str:
        """The reason's code; its label would fill the page."""
        return exclusion.reason

    @admin.display(description="source")
    def where(self, exclusion: Exclusion) -> str:
        """The beginning of the source."""
        return Truncator(exclusion.source).chars(70)

    @admin.display(description="number")
    def masked(self, exclusion: Exclusion) -> str:
        """IIN and last four digits (PCI DSS 3.4.1)."""
        return mask(exclusion.pan).replace("*", "•")

    def get_urls(self) -> list[URLPattern]:
        """Have the list and the page of the import."""
        pages = {"": ("changelist", self.changelist_view), "import/": ("import", self.import_page)}
        return [
            path(route, self.admin_site.admin_view(page), name=f"uniqueness_exclusion_{name}")
            for route, (name, page) in pages.items()
        ]

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Take a file and show the report. Administrators alone."""
        if not self.may(request, "import", "POST"):
            raise PermissionDenied
        form, report = ImportForm(), None
        if request.method == "POST":
            form = ImportForm(request.POST, request.FILES)
            report = form.run(actor=actor_of(request))
        context = self.admin_site.each_context(request) | {
            "title": "Import exclusions",
            "opts": self.opts,
            "form": form,
            "report": report,
            "text": text_of(report) if report else form.bad_lines,
        }
        return TemplateResponse(request, "admin/uniqueness/exclusion/import.html", context)


@admin.register(ImportedToken)
class ImportedTokenAdmin(Window):
    """Imported numbers outside all ranges: where they are from, and nothing of a number."""

    list_display = ["source", "created_at"]
    list_display_links = None
