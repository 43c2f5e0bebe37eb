"""A field of a page's form that is one of some names."""

from collections.abc import Callable

from django import forms

from toolkit.near import did_you_mean


class KnownNameField(forms.ChoiceField):
    """One that is not there is answered with the one that may be meant, by its code or its words.

    `why` may say something better of a value.
    """

    why: Callable[[str], str] = staticmethod(lambda _: "")

    def validate(self, value: str) -> None:
        """Refuse what nothing is called.

        :raises ValidationError: says what may be meant
        """
        if value and not self.valid_value(value):
            raise forms.ValidationError(self.why(value) or self._unknown(value))

    def _unknown(self, value: str) -> str:
        choices = self.choices if isinstance(self.choices, list) else []
        names = [str(shown) for code, shown in choices if code]
        return f"There is no {self.label.lower()} of that name.{did_you_mean(value, names)}"
