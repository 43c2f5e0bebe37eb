"""The keys of a test issuer, one set for each range, to load into a simulator or test HSM."""

from dataclasses import dataclass, field

from generation.kernel.des import check_value, with_odd_parity
from generation.kernel.keys import KEY_BYTES, hkdf

DOUBLE_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKeys:
    """Double-length triple DES keys with odd parity; none is ever shown by `repr`.

    * cvk: the card verification key pair, A then B, for CVV, CVV2 and iCVV
    * pvk: the PIN verification key pair, A then B, for the Visa PVV, PVKI 1
    * zpk: the zone PIN key, under which PIN blocks travel (a PIN encrypting key, PEK)

    :raises ValueError: unless each has 16 bytes
    """

    cvk: bytes = field(repr=False)
    pvk: bytes = field(repr=False)
    zpk: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not len(self.cvk) == len(self.pvk) == len(self.zpk) == DOUBLE_LENGTH:
            raise ValueError("issuer keys must have 16 bytes each")

    @property
    def check_values(self) -> dict[str, str]:
        """Give the key check values (ANSI X9.24-1), also of the halves that HSMs take singly."""
        halves = {"cvk_a": self.cvk[:8], "cvk_b": self.cvk[8:]}
        halves |= {"pvk_a": self.pvk[:8], "pvk_b": self.pvk[8:]}
        keys = {"cvk": self.cvk, "pvk": self.pvk, "zpk": self.zpk, **halves}
        return {name: check_value(key) for name, key in keys.items()}


def derive_issuer_keys(master_key: bytes, *, iin: str, pan_length: int) -> IssuerKeys:
    """Derive the test issuer's keys of the range (IIN, PAN length) by HKDF (RFC 5869), SHA-256.

    :raises ValueError: unless the master key has 32 bytes
    """
    if len(master_key) != KEY_BYTES:
        raise ValueError("the master key must have 32 bytes")
    target = f"{iin}/{pan_length}"
    return IssuerKeys(
        cvk=_expand(master_key, info=f"cardgen/1/issuer/cvk/{target}"),
        pvk=_expand(master_key, info=f"cardgen/1/issuer/pvk/{target}"),
        zpk=_expand(master_key, info=f"cardgen/1/issuer/zpk/{target}"),
    )


def _expand(master_key: bytes, *, info: str) -> bytes:
    return with_odd_parity(hkdf(master_key, info=info, length=DOUBLE_LENGTH))
