"""The site of these pages: `make docs` builds it, without a foreign host."""

project = "cardgen"
html_title = "cardgen"
extensions = ["myst_parser", "sphinx_copybutton", "docs.building"]
root_doc = "index"
exclude_patterns = ["_site"]
myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 4
highlight_language = "text"
# Examples leave out what differs each time (…), which no JSON has.
suppress_warnings = ["misc.highlighting_failure"]
html_theme = "furo"
html_favicon = "../static/cardgen/favicon.svg"
html_static_path = ["site"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_extra_path = ["openapi.yaml"]
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0f766e",
        "color-brand-content": "#0f766e",
        "color-brand-visited": "#0f766e",
    },
    "dark_css_variables": {
        "color-brand-primary": "#4fd1c1",
        "color-brand-content": "#4fd1c1",
        "color-brand-visited": "#4fd1c1",
    },
}
