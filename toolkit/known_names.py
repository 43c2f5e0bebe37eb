"""A field of a page's form that is one of some names."""

from collections.abc import Callable
from typing import Any

from django import forms

from toolkit.near import near


class KnownNameField(forms.ChoiceField):
    """One that is not there is answered with the one that may be meant, by its code or its words.

    :param thing: what it is that has a name, such as `status`
    """

    why: Callable[[str], str] = staticmethod(lambda _: "")
    """May say something better of a value."""

    def __init__(self, *, thing: str, **options: Any) -> None:
        """Take what a choice takes; nothing need be chosen."""
        super().__init__(required=False, **options)
        self.thing = thing

    def validate(self, value: str) -> None:
        """Refuse what nothing is called.

        :raises ValidationError: says what may be meant
        """
        if value and not self.valid_value(value):
            raise forms.ValidationError(self.why(value) or self._unknown(value))

    def _unknown(self, value: str) -> str:
        choices: Any = self.choices
        spelled = {word: str(shown) for code, shown in choices if code for word in (code, shown)}
        meant = spelled.get(near(value, spelled) or "")
        ask = f" Did you mean {meant}?" if meant else ""
        return f"There is no {self.thing} of that name.{ask}"
