"""Numbers in URLs: so short that none can be a card number, which has twelve digits or more."""

from django.urls import register_converter
from django.urls.converters import IntConverter


class RowNumber(IntConverter):
    """The number of a row or a window. A longer one leads nowhere (404), and into no statement."""

    regex = "[0-9]{1,11}"


register_converter(RowNumber, "row")
