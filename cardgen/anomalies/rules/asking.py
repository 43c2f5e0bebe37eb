"""What callers ask for: numbers of nobody, filters, ranges that are not for them."""

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from cardgen.anomalies.names import RuleName
from cardgen.anomalies.rules.rule import Finding, Rule, by
from cardgen.anomalies.signs import Signs


class Enumeration(Rule):
    """Somebody asks for numbers of one prefix, and nearly none of them was handed out."""

    name = RuleName.ENUMERATION
    least: ClassVar[int] = 10_000
    share: ClassVar[float] = 0.95

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Compare misses with all that was asked, for each caller and prefix."""
        asked = Counter({(who, prefix): count for (who, prefix), count in signs.of("asked")})
        for (who, prefix), missed in signs.of("missed"):
            of_all = max(asked[who, prefix], missed)
            if missed >= self.least and missed >= self.share * of_all:
                yield by(
                    who,
                    detail=f"{missed:,} of {of_all:,} numbers that begin with {prefix} and were"
                    " asked for in ten to twenty minutes are nobody's cards.",
                    facts={"prefix": prefix, "missed": missed, "asked": of_all},
                )


class FilterHarvest(Rule):
    """Somebody fetches filters of windows by the hundred, or asks for ones that are not there."""

    name = RuleName.FILTER_HARVEST
    most: ClassVar[int] = 500
    most_missed: ClassVar[int] = 50

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Count exports and misses of each caller."""
        missed = Counter({who: count for (who,), count in signs.of("filter-missed")})
        fetched = Counter({who: count for (who,), count in signs.of("filter")})
        for who in fetched.keys() | missed.keys():
            if fetched[who] > self.most or missed[who] > self.most_missed:
                yield by(
                    who,
                    detail=f"{fetched[who]:,} filters fetched and {missed[who]:,} asked for that"
                    " are not there, in ten to twenty minutes.",
                    facts={"fetched": fetched[who], "missed": missed[who]},
                )


class RefusedRanges(Rule):
    """Somebody tries ranges that are switched off, unknown or not for them, again and again."""

    name = RuleName.REFUSED_RANGES
    most: ClassVar[int] = 30

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Count refusals of each caller."""
        for (who,), count in signs.of("refused"):
            if count > self.most:
                yield by(
                    who,
                    detail=f"{count:,} orders in ten to twenty minutes named ranges that are"
                    " switched off, unknown or not for this caller.",
                    facts={"refused": count},
                )
