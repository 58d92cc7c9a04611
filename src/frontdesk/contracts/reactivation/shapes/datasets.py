"""Datasets, uploads and imports."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from frontdesk.contracts._http.times import Instant, iso, iso_or_none, parse_instant
from frontdesk.contracts.reactivation.links import Links
from frontdesk.contracts.reactivation.shapes.campaigns import CampaignSettings, PreflightFigures
from frontdesk.domain.campaigns.model import ImportOutcome
from frontdesk.domain.leads.model import (
    CampaignStatus,
    Dataset,
    DatasetChange,
    DatasetSort,
    ImportResult,
    RowNote,
    Upload,
)


class Order(StrEnum):
    """Which way a list is sorted."""

    ASC = "asc"
    DESC = "desc"


class DatasetQuery(Struct):
    """The query of the dataset list. Newest first unless it says otherwise; names from A."""

    status: CampaignStatus | None = None
    sort: DatasetSort = DatasetSort.CREATED
    order: Order | None = None

    @property
    def descending(self) -> bool:
        """Which way, where the query does not say."""
        return self.sort is not DatasetSort.NAME if self.order is None else self.order is Order.DESC


class NewDataset(Struct):
    """The body that makes a dataset."""

    name: str
    description: str | None = None
    campaign_start_date: str | None = None

    def start(self) -> Any:
        """When the campaign is to start, if that is said."""
        return parse_instant(self.campaign_start_date, "campaign_start_date") if self.campaign_start_date else None


class DatasetUpdate(Struct):
    """The body that changes one."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    campaign_status: CampaignStatus | UnsetType = UNSET
    campaign_start_date: str | UnsetType | None = UNSET
    campaign_end_date: str | UnsetType | None = UNSET

    def change(self) -> DatasetChange:
        """Its metadata part."""

        def instant(text: str | UnsetType | None, field: str) -> Any:
            return parse_instant(text, field) if isinstance(text, str) else text

        return DatasetChange(
            name=self.name,
            description=self.description,
            campaign_start_date=instant(self.campaign_start_date, "campaign_start_date"),
            campaign_end_date=instant(self.campaign_end_date, "campaign_end_date"),
        )


class DatasetSummary(Struct):
    """A dataset in the list."""

    id: UUID
    name: str
    description: str | None
    total_leads: int
    hot_leads: int
    converted_leads: int
    campaign_status: CampaignStatus
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, dataset: Dataset) -> "DatasetSummary":
        return cls(
            id=dataset.id,
            name=dataset.name,
            description=dataset.description,
            total_leads=dataset.total_leads,
            hot_leads=dataset.hot_leads,
            converted_leads=dataset.converted_leads,
            campaign_status=dataset.campaign_status,
            created_at=iso(dataset.created_at),
            updated_at=iso(dataset.updated_at),
        )


class DatasetList(Struct):
    """All datasets."""

    datasets: list[DatasetSummary]

    @classmethod
    def of(cls, datasets: list[Dataset]) -> "DatasetList":
        return cls([DatasetSummary.of(dataset) for dataset in datasets])


class FullDataset(Struct):
    """A dataset by itself."""

    id: UUID
    name: str
    description: str | None
    source: str | None
    uploaded_file_url: str | None
    total_leads: int
    active_leads: int
    hot_leads: int
    converted_leads: int
    campaign_status: CampaignStatus
    campaign_start_date: Instant | None
    campaign_end_date: Instant | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, dataset: Dataset, links: Links) -> "FullDataset":
        return cls(
            id=dataset.id,
            name=dataset.name,
            description=dataset.description,
            source=dataset.source,
            uploaded_file_url=links.upload_file(dataset.upload_id) if dataset.upload_id else None,
            total_leads=dataset.total_leads,
            active_leads=dataset.active_leads,
            hot_leads=dataset.hot_leads,
            converted_leads=dataset.converted_leads,
            campaign_status=dataset.campaign_status,
            campaign_start_date=iso_or_none(dataset.campaign_start_date),
            campaign_end_date=iso_or_none(dataset.campaign_end_date),
            created_at=iso(dataset.created_at),
            updated_at=iso(dataset.updated_at),
        )


class OneDataset(Struct):
    """The answer with one dataset."""

    dataset: FullDataset

    @classmethod
    def of(cls, dataset: Dataset, links: Links) -> "OneDataset":
        return cls(FullDataset.of(dataset, links))


class Deleted(Struct):
    """The answer to a deletion."""

    success: Literal[True] = True


class ColumnPreview(Struct):
    """A column of an uploaded file."""

    name: str
    sample_values: Annotated[list[str], Meta(max_length=3)]
    suggested_mapping: str | UnsetType = UNSET


class UploadPreview(Struct):
    """An uploaded file."""

    id: UUID
    filename: str
    file_url: str
    rows_detected: int
    columns: list[ColumnPreview]
    remarks: list[str]

    @classmethod
    def of(cls, upload: Upload, links: Links) -> "UploadPreview":
        return cls(
            id=upload.id,
            filename=upload.filename,
            file_url=links.upload_file(upload.id),
            rows_detected=upload.rows_detected,
            columns=[
                ColumnPreview(column.name, column.sample_values[:3], column.suggested_mapping or UNSET)
                for column in upload.columns
            ],
            remarks=upload.remarks,
        )


class OneUpload(Struct):
    """The answer to an upload."""

    upload: UploadPreview

    @classmethod
    def of(cls, upload: Upload, links: Links) -> "OneUpload":
        return cls(UploadPreview.of(upload, links))


class Import(Struct):
    """The body that imports an upload. `column_mapping` is from lead fields to the file's columns."""

    upload_id: UUID
    dataset_id: UUID
    column_mapping: dict[str, str | None]
    campaign_settings: CampaignSettings | None = None

    def mapping(self) -> dict[str, str]:
        """The fields that are mapped to something."""
        return {field: column for field, column in self.column_mapping.items() if column}


class ImportFigures(Struct):
    """An import in figures."""

    total_rows: int
    successful: int
    failed: int
    duplicates: int

    @classmethod
    def of(cls, result: ImportResult) -> "ImportFigures":
        return cls(result.total_rows, result.successful, result.failed, result.duplicates)


class RowError(Struct):
    """A row that was not taken; the header is row 1."""

    row: int
    reason: str

    @classmethod
    def of(cls, note: RowNote) -> "RowError":
        return cls(note.row, note.reason)


class Imported(Struct):
    """The answer to an import. `errors` has the first 1,000 refused rows; all are at `notes_url`. `remarks` says how
    the file was read where that is not plain."""

    imported: ImportFigures
    dataset_id: UUID
    errors: list[RowError]
    import_id: UUID
    notes_url: str
    preflight: PreflightFigures
    remarks: list[str]
    success: Literal[True] = True

    @classmethod
    def of(cls, outcome: ImportOutcome, links: Links) -> "Imported":
        result = outcome.result
        return cls(
            imported=ImportFigures.of(result),
            dataset_id=result.dataset_id,
            errors=[RowError.of(note) for note in result.refused],
            import_id=result.id,
            notes_url=links.import_notes(result.id),
            preflight=PreflightFigures.of(outcome.preflight),
            remarks=result.remarks,
        )
