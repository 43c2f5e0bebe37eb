"""Who may do what: the one place that asks for a superuser."""


def is_administrator(user: object) -> bool:
    """Tell whether the user may change what is minted, and see whole numbers: superusers alone."""
    return bool(getattr(user, "is_superuser", False))


def is_operator(user: object) -> bool:
    """Tell whether the user runs the service: orders of any share, priority `high`, anomalies."""
    return is_administrator(user)
