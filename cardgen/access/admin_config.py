"""Puts our site in place of Django's; loaded before any model is."""

from django.contrib.admin.apps import AdminConfig


class SiteConfig(AdminConfig):
    """Django's admin with the site of `cardgen.access.site`."""

    default_site = "cardgen.access.site.Site"
