"""Why somebody cannot be made or changed."""

from toolkit.refusals import Mistake, Refusal


class InvalidName(Mistake):
    """Nobody and no team can be called that, or somebody is already."""

    code = "invalid_name"


class LastAdministrator(Refusal):
    """Nobody could change anything afterwards."""

    code = "last_administrator"


class OwnAccount(Refusal):
    """Who acts would lock themselves out."""

    code = "own_account"
