"""What the kernel tests share: a published test key, ranges and a profile."""

from generation.kernel.keys import derive
from generation.kernel.spec import Profile, RangeSpec

MASTER_KEY = bytes(range(32))
PROFILE = Profile(first_month=2027 * 12, months=48)

# (IIN, PAN length, CVV length): one range for every number of free digits, 3 to 12.
RANGES = [
    ("00000000", 12, 3),
    ("99999999", 13, 3),
    ("000000", 12, 3),
    ("37828224", 15, 4),
    ("360000", 14, 3),
    ("341111", 15, 4),
    ("400000", 16, 3),
    ("62212600", 19, 3),
    ("622126", 18, 3),
    ("999999", 19, 3),
]


def spec_of(iin: str, pan_length: int, cvv_length: int = 3) -> RangeSpec:
    keys = derive(MASTER_KEY, iin=iin, pan_length=pan_length)
    return RangeSpec(iin=iin, pan_length=pan_length, keys=keys, cvv_length=cvv_length)


SPECS = [spec_of(*row) for row in RANGES]
NAMES = [f"{spec.iin}-{spec.pan_length}-free-{spec.free_digits}" for spec in SPECS]
