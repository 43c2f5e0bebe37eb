"""The buttons of a job's page, and in which states each one is of use."""

from dataclasses import dataclass

from jobs.models import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """What it says and does, what the job then is, and what is asked first if that is final."""

    action: str
    name: str
    done: str
    meaning: str
    states: tuple[Status, ...]
    question: str = ""


BUTTONS = (
    Button(
        action="pause",
        name="Pause",
        done="paused",
        meaning="Make no more cards for now; those in hand are finished.",
        states=(Status.QUEUED, Status.RUNNING),
    ),
    Button(
        action="resume",
        name="Resume",
        done="resumed",
        meaning="Go on where it stopped.",
        states=(Status.PAUSED,),
    ),
    Button(
        action="retry",
        name="Retry",
        done="retried",
        meaning="Make the cards that are missing.",
        states=(Status.FAILED,),
    ),
    Button(
        action="cancel",
        name="Cancel",
        done="cancelled",
        meaning="Stop for good; the cards made so far stay.",
        states=(Status.QUEUED, Status.RUNNING, Status.PAUSED),
        question="Cancel this job for good? The cards made so far stay yours.",
    ),
    Button(
        action="clone",
        name="Order again",
        done="ordered again",
        meaning="Order the same again: a new job, other numbers.",
        states=tuple(Status),
    ),
)
MANY = tuple(button for button in BUTTONS if button.action != "clone")
"""Those that make sense for many jobs at once."""
