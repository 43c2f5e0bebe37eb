"""Choices that have no class of their own, so that the document names each once."""

from generation.kernel.defects import Defect
from generation.models import Tier
from uniqueness.numbers import PUBLISHED

DEFECTS = [(defect.value, defect.value) for defect in Defect]
ORDERINGS = [("random", "random"), ("sequential", "sequential")]
TIERS_AND_PUBLISHED = [*Tier.choices, (PUBLISHED, "published by a payment provider")]
PUBLISHED_ALONE = [(PUBLISHED, "published by a payment provider")]
