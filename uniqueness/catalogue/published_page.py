"""The page of published test cards: provider, behaviour and scheme are links, text is a form.

The form is posted: people paste numbers into any box, and a number must not get into a URL. One is
looked up at once; words go on to the page's own address.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from generation import published, schemes
from generation.published import Meaning, Wanted
from toolkit import tally
from toolkit.near import near
from toolkit.requests import digits_of, looks_like_a_pan, refuse_pans
from uniqueness.catalogue.sources import Source, source_of

_SHOWN = 25
_MOST_CHARACTERS = 200
_MOST_DIGITS = 9
_PARAMETERS = {"gateway": "provider", "behaviour": "behaviour", "scheme": "scheme", "text": "q"}
_TITLES = {"gateway": "Provider", "behaviour": "What it does", "scheme": "Scheme"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A link that narrows the list, or takes that back if it is `chosen`."""

    name: str
    count: int
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A number at one provider, in words, with what it means at the others."""

    meaning: Meaning
    behaviour: str
    scheme: str
    source: Source
    elsewhere: list[tuple[str, str]]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def published_cards(request: HttpRequest) -> HttpResponse:
    """List the cards that fit."""
    wanted = _wanted(request)
    if request.method != "POST":
        refuse_pans(request.GET)
        return _page(request, wanted, published.find(wanted))
    typed = request.POST.get("q", "").strip()[:_MOST_CHARACTERS]
    if looks_like_a_pan(typed):
        return _looked_up(request, typed)
    return redirect(f"{reverse('test-cards-page')}?{_query(replace(wanted, text=typed))}")


def _looked_up(request: HttpRequest, typed: str) -> HttpResponse:
    number = digits_of(typed) or ""
    found = published.of_number(number)
    for kind in ("asked", *["missed"] * (not found)):
        tally.add_prefixes(kind, tally.who(request), [number])
    return _page(request, Wanted(), list(found), looked_up=True)


def _page(
    request: HttpRequest, wanted: Wanted, found: list[Meaning], *, looked_up: bool = False
) -> HttpResponse:
    behind = [meaning for meaning in found if meaning.id > _after(request)]
    shown = behind[:_SHOWN]
    more = len(behind) > _SHOWN
    wrong = list(_wrong(wanted))
    context = {
        "wrong": wrong,
        "facets": {title: _choices(wanted, field) for field, title in _TITLES.items()},
        "text": wanted.text,
        "cards": [_shown(meaning) for meaning in shown],
        "count": len(found),
        "looked_up": looked_up,
        "here": _query(wanted),
        "without_text": _query(replace(wanted, text="")),
        "next": f"{_query(wanted)}&after={shown[-1].id}" if more else "",
        "first_page": not _after(request),
    }
    return render(request, "test_cards.html", context, status=400 if wrong else 200)


def _wanted(request: HttpRequest) -> Wanted:
    given = {
        field: request.GET.get(name, "")[:_MOST_CHARACTERS] for field, name in _PARAMETERS.items()
    }
    return Wanted(**given)


def _wrong(wanted: Wanted) -> Iterator[str]:
    """Say which choices of an address there are not: without it, nothing found would hide them."""
    for field in _TITLES:
        value, known = getattr(wanted, field), _values(field)
        if value and value not in known:
            spelled = {
                word: _name(field, one) for one in known for word in (one, _name(field, one))
            }
            meant = spelled.get(near(value, spelled) or "")
            ask = f" Did you mean {meant}?" if meant else ""
            yield f"There is no {_PARAMETERS[field]} of that name.{ask}"


def _values(field: str) -> Collection[str]:
    return published.gateways() if field == "gateway" else published.values(field)


def _after(request: HttpRequest) -> int:
    given = request.GET.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < _MOST_DIGITS else 0


def _query(wanted: Wanted) -> str:
    given = asdict(wanted)
    return urlencode({name: given[field] for field, name in _PARAMETERS.items() if given[field]})


def _choices(wanted: Wanted, field: str) -> list[Choice]:
    """List what narrows the cards by a field: what is chosen first, then the most."""
    return sorted(_each_choice(wanted, field), key=lambda choice: not choice.chosen)


def _each_choice(wanted: Wanted, field: str) -> Iterator[Choice]:
    for value, count in published.counts(wanted, field).items():
        chosen = getattr(wanted, field) == value
        narrowed = replace(wanted, **{field: "" if chosen else value})
        yield Choice(name=_name(field, value), count=count, query=_query(narrowed), chosen=chosen)


def _name(field: str, value: str) -> str:
    if field == "gateway":
        return published.gateways()[value].name
    return published.in_words(value) if field == "behaviour" else schemes.name_of(value)


def _shown(meaning: Meaning) -> Shown:
    others = published.elsewhere(meaning)
    return Shown(
        meaning=meaning,
        behaviour=published.in_words(meaning.behaviour),
        scheme=schemes.name_of(meaning.scheme),
        source=source_of(meaning),
        elsewhere=[(other.provider, published.in_words(other.behaviour)) for other in others],
    )
