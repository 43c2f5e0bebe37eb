"""What can be wrong with an import of cards and its name."""

from toolkit.refusals import Mistake, Refusal


class NoSuchImport(Mistake):
    """Nothing was brought in under the name."""

    code = "no_such_import"


class ImportFinished(Refusal):
    """All of a file was brought in under the name before."""

    code = "import_finished"


class ImportDiffers(Refusal):
    """The file does not begin as the one that was brought in under the name."""

    code = "import_differs"


class ImportRunning(Refusal):
    """Another process brings the file in, or has rolled it back."""

    code = "import_running"
