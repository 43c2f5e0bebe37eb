"""/docs: the site that `make docs` built, or, where there is none, its pages without search."""

from mimetypes import guess_type
from pathlib import Path

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils._os import safe_join

from cardgen.manual import contents, plain

_KINDS = {".css", ".html", ".js", ".json", ".md", ".png", ".py", ".svg", ".txt", ".yaml"}
_SHORT = "public, max-age=300"  # the pages are the same for everybody
_SITE = "_site"


def first(_request: HttpRequest) -> HttpResponse:
    """Lead to the first page: its links are relative."""
    return redirect("docs-page", page="index.html")


# The theme draws with inline styles. Its scripts are files (docs/building.py).
@csp_replace({"style-src": [SELF, UNSAFE_INLINE]})  # type: ignore[arg-type]
def show(request: HttpRequest, page: str) -> HttpResponse:
    """Show a page, or send a file of it."""
    docs: Path = settings.DOCS
    site = docs / _SITE
    response = _file(site, page) if site.is_dir() else _plain(request, docs, page)
    response["Cache-Control"] = _SHORT
    return response


def _plain(request: HttpRequest, docs: Path, page: str) -> HttpResponse:
    if page == "llms.txt":
        return HttpResponse(contents.for_machines(docs), content_type="text/plain; charset=utf-8")
    if not page.endswith(".html"):
        return _file(docs, page)
    name = _inside(docs, page.removesuffix(".html") + ".md").relative_to(docs).with_suffix("")
    context = {
        "title": _title(text := contents.text_of(docs, str(name))),
        "html": plain.html_of(text),
        "groups": contents.groups(docs),
        "up": "../" * (len(name.parts) - 1),
        "name": str(name),
    }
    return render(request, "manual.html", context)


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def _file(root: Path, page: str) -> HttpResponse:
    path = _inside(root, page)
    kind = guess_type(path.name)[0] or "text/plain"
    text = kind.startswith("text/") or kind.endswith(("json", "javascript"))
    return HttpResponse(path.read_bytes(), f"{kind}; charset=utf-8" if text else kind)


def _inside(root: Path, page: str) -> Path:
    """Return the path of a file below the root.

    :raises Http404: if there is none, or it is of another kind
    """
    try:
        path = Path(safe_join(root, page))
    except SuspiciousFileOperation:
        raise Http404 from None
    if path.suffix not in _KINDS or not path.is_file():
        raise Http404
    return path
