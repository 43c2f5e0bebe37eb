"""Choices that the document names once, and that no Django class holds under their own words."""

from generation.fields import FIELDS
from generation.kernel.defects import Defect
from generation.models import Tier
from generation.schemes.model import Luhn, RangeRole
from jobs.models import CHALLENGE, TEST, Event
from jobs.quotas import Subject, Unit
from toolkit.rights import Right
from uniqueness.check import Layer, State
from uniqueness.exclusions.imports.forms import ListForm
from uniqueness.numbers import PUBLISHED

CARD_FIELDS = [*FIELDS]
DEFECTS = [defect.value for defect in Defect]
ORDERINGS = ["random", "sequential"]
TIERS_AND_PUBLISHED = [*Tier.choices, (PUBLISHED, "published by a payment provider")]
PUBLISHED_ALONE = [(PUBLISHED, "published by a payment provider")]
DELIVERY_EVENTS = [*Event.values, CHALLENGE, TEST]
FILTER_STATES = ["sealed", "open"]
LAYERS = [layer.value for layer in Layer]
LIST_FORMATS = [form.value for form in ListForm]
LUHN = [rule.value for rule in Luhn]
NUMBER_STATES = [state.value for state in State]
QUOTA_SUBJECTS = [subject.value for subject in Subject]
QUOTA_UNITS = [unit.value for unit in Unit]
RANGE_ROLES = [role.value for role in RangeRole]
SCOPES = [right.value for right in Right]
