"""The import wizard's forms, and what its pages say. Pure; no I/O."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from uuid import UUID

from msgspec import Struct

from frontdesk.console.views.wording import FIELD_WORDS
from frontdesk.domain.leads.model import Upload
from frontdesk.domain.leads.service.imports import Field
from frontdesk.kernel.errors import DomainError, NotFound
from frontdesk.kernel.ids import parse_id


class MappingForm(Struct):
    """What stands in which column, into which dataset; and what is wrong with that, by field.

    Fields of the form: `column-N` for the Nth column (from 0), `into` (new or existing), `name`, `dataset`.
    """

    chosen: list[str]
    """Of each column: a field, or nothing."""
    into: str
    name: str
    dataset: UUID | None
    errors: dict[str, str]

    @classmethod
    def suggested(cls, upload: Upload, *, may_create: bool) -> "MappingForm":
        """As the file looks."""
        name = " ".join(PurePath(upload.filename).stem.replace("_", " ").replace("-", " ").split())[:200]
        return cls(
            chosen=[column.suggested_mapping or "" for column in upload.columns],
            into="existing" if upload.dataset_id or not may_create else "new",
            name=name[:1].upper() + name[1:],
            dataset=upload.dataset_id,
            errors={},
        )

    @classmethod
    def read(cls, upload: Upload, typed: Callable[[str], str]) -> "MappingForm":
        """As chosen."""
        fields = set(Field)
        held = [typed(f"column-{place}") for place in range(len(upload.columns))]
        return cls(
            chosen=[value if value in fields else "" for value in held],
            into="existing" if typed("into") == "existing" else "new",
            name=typed("name"),
            dataset=parse_id(typed("dataset")),
            errors={},
        )

    def mapping(self, upload: Upload) -> dict[str, str]:
        """Column by field, as the domain wants it. Fills `errors` where it cannot be."""
        found: dict[str, str] = {}
        for place, (column, field) in enumerate(zip(upload.columns, self.chosen, strict=True)):
            if not field:
                continue
            if field in found:
                word = FIELD_WORDS[Field(field)].lower()
                self.errors[f"column-{place}"] = f"“{found[field]}” is the {word} already."
            else:
                found[field] = column.name
        if Field.PHONE_NUMBER not in found:
            self.errors["phone_number"] = "Say which column has the phone number: without one nobody can be texted."
        if self.into == "existing" and self.dataset is None:
            self.errors["dataset"] = "Choose the list to add them to."
        if self.into == "new" and not self.name:
            self.errors["name"] = "Give the list a name."
        return found

    def refuse(self, error: DomainError) -> None:
        """Put the domain's error at its field."""
        field = str(error.fields.get("field", "")).removeprefix("column_mapping.")
        if isinstance(error, NotFound):
            field = "dataset"
        if field in self.chosen:
            field = f"column-{self.chosen.index(field)}"
        self.errors[field if field in ("name", "dataset", "phone_number") or field.startswith("column-") else ""] = (
            error.message
        )


def size_words(size: int) -> str:
    """Bytes as people say them."""
    for unit, step in (("MB", 1024 * 1024), ("KB", 1024)):
        if size >= step:
            return f"{size / step:.1f} {unit}".replace(".0 ", " ")
    return f"{size} bytes"


def column_names(known: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A name for every column of `rows`: those `known`, and a number where there is none."""
    width = max((len(row) for row in rows), default=0)
    return [known[place] if place < len(known) and known[place] else f"Column {place + 1}" for place in range(width)]
