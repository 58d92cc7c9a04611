"""Why a file, or the way its columns were matched, cannot be imported. One row's faults are no errors: see rows.py."""

from frontdesk.kernel.errors import Invalid


class TableRefused(Invalid):
    """The file cannot be read as a table of leads. `problem` is stable; `line`, where known, counts lines from 1."""

    problem = "unreadable"

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message, field="file", problem=self.problem, **({"line": line} if line else {}))
        self.line = line


class EmptyFile(TableRefused):
    """Nothing in it."""

    problem = "empty"


class NotText(TableRefused):
    """A workbook, a document, an archive: not text with separators."""

    problem = "not_csv"


class NoHeader(TableRefused):
    """The first row does not name the columns."""

    problem = "no_header"


class TooManyColumns(TableRefused):
    """More columns than any list of people has."""

    problem = "too_many_columns"


class TooManyRows(TableRefused):
    """More rows than are taken in one piece."""

    problem = "too_many_rows"


class FieldTooLong(TableRefused):
    """One cell is beyond measure; mostly a quotation mark that is never closed."""

    problem = "field_too_long"


class UnclosedQuote(TableRefused):
    """The file ends within a quoted cell."""

    problem = "unclosed_quote"


class MappingRefused(Invalid):
    """The columns chosen do not fit the file. `field` names the lead's field."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, field=f"column_mapping.{field}")
