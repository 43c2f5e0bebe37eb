"""What `make docs` does beside Sphinx: groups from index.md, scripts in files, Markdown beside."""

import hashlib
import re
from pathlib import Path
from typing import Any

from cardgen.manual import contents

_ANCHOR = re.compile(r'<a id="([\w-]+)"></a>\*\*(.+?)\*\*')
_SCRIPT = re.compile(r"<script>(.+?)</script>", re.DOTALL)
_TREE = "\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{pages}\n```\n"


def setup(app: Any) -> dict[str, bool]:
    """Have Sphinx call us."""
    app.connect("source-read", _complete)
    app.connect("build-finished", _finish)
    return {"parallel_read_safe": True}


def _complete(app: Any, name: str, source: list[str]) -> None:
    text = contents.text_of(Path(app.srcdir), name)
    source[0] = _ANCHOR.sub(r"[**\2**]{#\1}", text)
    if name == app.config.root_doc:
        groups = contents.groups(Path(app.srcdir))
        source[0] += "".join(
            _TREE.format(
                title=one.title, pages="\n".join(f"{title} <{page}>" for page, title in one.pages)
            )
            for one in groups
        )
    elif name == "decisions":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\ndecisions/*\n```\n"


def _finish(app: Any, error: Exception | None) -> None:
    if error or app.builder.name != "html":
        return
    docs, site = Path(app.srcdir), Path(app.outdir)
    for name in app.env.found_docs:
        (site / f"{name}.md").write_text(contents.text_of(docs, name))
    (site / "llms.txt").write_text(contents.for_machines(docs))
    for page in site.rglob("*.html"):
        page.write_text(_with_files(page, site))


def _with_files(page: Path, site: Path) -> str:
    """Return a page whose scripts are files: the content security policy allows no others."""
    root = "../" * (len(page.relative_to(site).parts) - 1)

    def moved(script: re.Match[str]) -> str:
        name = f"_static/{hashlib.sha256(script[1].encode()).hexdigest()[:12]}.js"
        (site / name).write_text(script[1])
        return f'<script src="{root}{name}"></script>'

    return _SCRIPT.sub(moved, page.read_text())
