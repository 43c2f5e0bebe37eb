"""Numbers that are excluded, published, claimed by hand, purged or renewed, at any moment."""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from hypothesis import strategies as st

from jobs import upkeep
from jobs.models import FINAL, Job, Status
from jobs.orders import Origin, claims, renew_cards
from tests.support.actors import somebody
from tests.support.exclusions import excluded
from tests.uniqueness.exclusions.files import bring_in, text_of
from tests.uniqueness.machine.base import one_of, step
from tests.uniqueness.machine.deaths import NEVER, dying
from tests.uniqueness.machine.minting import ANY, Minting
from tests.uniqueness.machine.model import Asked
from tests.uniqueness.machine.world import ledger, order
from toolkit.refusals import Refusal
from uniqueness.claims import Wish
from uniqueness.exclusions.adding import exclude
from uniqueness.exclusions.removing import remove
from uniqueness.models import Exclusion

OFFSETS = st.lists(st.integers(-200, 100), min_size=1, max_size=12, unique=True)
SMALL = st.sampled_from([True, True, False])
DIGITS = st.integers(0, 99).map("{:02}".format)
SHORTEST = 12


class Numbers(Minting):
    """Steps that concern particular numbers."""

    @step(small=SMALL, offsets=OFFSETS, choice=ANY, publish=st.sampled_from([False, False, True]))
    def exclude(self, small: bool, offsets: list[int], choice: int, publish: bool) -> None:
        """Import numbers, or a provider publishes them: unissued ones and one that was issued."""
        numbers = self.numbers_near(self.range_of(small=small), offsets)
        numbers += self._some(self.model.handed_out, choice)
        self.bring_in(numbers, reason="published" if publish else "imported")

    def bring_in(self, numbers: list[str], *, reason: str) -> None:
        """Exclude numbers for a reason."""
        if reason == "published":
            exclude(dict.fromkeys(numbers, "a provider"), reason=reason)
        elif numbers:
            bring_in(text_of(*numbers))
        self.keep_out(numbers, reason=reason)

    def keep_out(self, numbers: list[str], *, reason: str) -> None:
        """Numbers are to be excluded from now on."""
        found = set(excluded())
        self.model.exclude(numbers, reason=reason, found=found)

    @step(choice=ANY, kind=st.sampled_from(["excluded", "excluded", "claimed", "cards"]))
    def remove(self, choice: int, kind: str) -> None:
        """Take numbers off the exclusions, or try to; not those that a restored database forgot."""
        now = self.model.now
        lost = self.model.handed_out.keys() - now.cards.keys()
        numbers = self._some({*getattr(now, kind)} - lost, choice, most=5)
        if not numbers:
            return
        try:
            found = remove(numbers, reason="removed by a test", actor=somebody("root"))
        except Refusal:
            return
        assert not now.claimed & {*numbers}, "a claimed number can be minted again"
        assert found.removed == len(now.excluded.keys() & {*numbers})
        for pan in now.excluded.keys() & {*numbers}:
            del now.excluded[pan]
            now.passed.add(pan)

    @step(small=SMALL, offsets=OFFSETS, choice=ANY)
    def claim_listed(self, small: bool, offsets: list[int], choice: int) -> UUID | None:
        """Claim numbers by name, one of which may be somebody's."""
        pans = self.numbers_near(self.range_of(small=small), [abs(offset) for offset in offsets])
        if choice % 3 == 0:
            pans += self._some(self.model.handed_out, choice)
        return self._claim(Wish(numbers=tuple(dict.fromkeys(pans))), small=small, count=len(pans))

    @step(small=SMALL, digits=DIGITS, count=st.integers(1, 4), ending=st.booleans())
    def claim_alike(self, small: bool, digits: str, count: int, ending: bool) -> UUID | None:
        """Claim numbers that end in something, or the first ones from a start on."""
        return self.claim_by_digits(small=small, digits=digits, count=count, ending=ending)

    def claim_by_digits(
        self, *, small: bool, digits: str, count: int, ending: bool, after: int = NEVER
    ) -> UUID | None:
        """Claim by ending or start; the job, unless it is refused or the process dies."""
        start = self.range_of(small=small).iin + digits
        wish = Wish(ending=digits) if ending else Wish(start=start)
        return self._claim(wish, small=small, count=count, after=after)

    @step(choice=ANY, most=st.sampled_from([1, 2, 100]))
    def purge(self, choice: int, most: int) -> None:
        """Delete the cards of a finished job, perhaps not to the end."""
        jobs = self.jobs(Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)
        if not jobs:
            return
        job = one_of(jobs, choice)
        try:
            steps = upkeep.purge_cards(job)
        except Refusal:
            return
        self.model.now.jobs[job.id].purged = True
        for _ in zip(range(most), steps, strict=False):
            pass

    @step()
    def forget(self) -> None:
        """Forget every job that ended and has no cards left."""
        before = {job.id: job.status for job in self.jobs()}
        for _ in upkeep.forget_jobs(days=0):
            pass
        there = ledger()
        for job_id in before.keys() - {job.id for job in self.jobs()}:
            assert before[job_id] in FINAL, "an unfinished job was forgotten"
            assert not self.model.now.cards_of(job_id) & there.keys(), "its cards are still there"
            self.model.now.jobs[job_id].forgotten = True

    @step(choice=ANY)
    def renew(self, choice: int) -> None:
        """Renew a card: the same number once more, with the next sequence number."""
        numbers = self._some(self.model.now.cards, choice)
        try:
            renewed = renew_cards(numbers=numbers, origin=Origin(owner=self.world.tester))
        except Refusal:
            return
        for pan, card in zip(numbers, renewed, strict=True):
            self.model.now.renewals[pan] = self.model.now.renewals.get(pan, 0) + 1
            assert (card["pan"], int(card["psn"])) == (pan, self.model.now.renewals[pan])
            job = Job.objects.get(id=self.model.now.cards[pan].owner)
            assert not job.defect, "a negative card was renewed"

    def _claim(self, wish: Wish, *, small: bool, count: int, after: int = NEVER) -> UUID | None:
        name = self.range_of(small=small).name
        wanted = order("random", counts={name: len(wish.numbers) or count})
        with suppress(Refusal), dying(after):
            claims.claim(order=wanted, wish=wish, origin=Origin(owner=self.world.tester))
        job = self.new_job()
        if job is None:
            return None
        self.model.now.jobs[job.id] = Asked(count=wanted.count)
        claimed = Exclusion.objects.filter(owner=job.id)
        self.model.now.claimed |= set(claimed.values_list("pan", flat=True))
        return job.id

    def _some(self, known: Iterable[str], choice: int, *, most: int = 1) -> list[str]:
        found = sorted(pan for pan in known if pan.isdigit() and len(pan) >= SHORTEST)
        start = choice % max(1, len(found))
        return found[start : start + most]
