"""What a wheel carries beside what pyproject.toml says: the folders of the map, pages and files."""

from setuptools import find_packages, setup

FOLDERS = ("toolkit", "generation", "uniqueness", "realtime", "jobs", "cardgen")
# They stand beside the code, where people look for them; a wheel has one place for all.
ASSETS = {"cardgen.templates": "templates", "cardgen.static": "static", "cardgen.docs": "docs"}

setup(
    packages=[*find_packages(include=[f"{name}*" for name in FOLDERS]), *ASSETS],
    package_dir=ASSETS,
    package_data={"generation": ["data/*.csv"], **{name: ["**/*"] for name in ASSETS}},
)
