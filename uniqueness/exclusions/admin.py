"""Exclusions in the admin: a window, and the page that imports a file."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import Truncator

from generation.schemes.text import mask
from toolkit.actor import actor_of
from toolkit.admin import Window
from uniqueness.exclusions.import_form import ImportForm
from uniqueness.exclusions.imports.rendering import about_lines, text_of
from uniqueness.exclusions.imports.report import ImportReport
from uniqueness.models import Exclusion, ImportedToken


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
            "text": _text(form, report),
        }
        return TemplateResponse(request, "admin/uniqueness/exclusion/import.html", context)


def _text(form: ImportForm, report: ImportReport | None) -> str:
    if report:
        return text_of(report)
    return "\n".join(about_lines(form.refused_lines)) if form.refused_lines else ""


@admin.register(ImportedToken)
class ImportedTokenAdmin(Window):
    """Imported numbers outside all ranges: where they are from, and nothing of a number."""

    list_display = ["source", "created_at"]
    list_display_links = None
