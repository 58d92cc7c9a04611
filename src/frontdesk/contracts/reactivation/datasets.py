"""Datasets as the reactivation API publishes them: docs/contracts/reactivation.openapi.yaml, Dataset Routes."""

from typing import Any

from litestar import Request, delete, get, post, put

from frontdesk.contracts._http.forms import upload_of
from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import body_id, path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.reactivation.links import Links
from frontdesk.contracts.reactivation.shapes.campaigns import IMPORT_FIELDS, CampaignProgress, DatasetPreflight
from frontdesk.contracts.reactivation.shapes.datasets import (
    DatasetList,
    DatasetQuery,
    DatasetUpdate,
    Deleted,
    Import,
    Imported,
    NewDataset,
    OneDataset,
    OneUpload,
)
from frontdesk.contracts.reactivation.shapes.imports import ImportList, OneImport
from frontdesk.domain.campaigns.service import audience, campaigns
from frontdesk.domain.leads.errors import DatasetNotFound, ImportNotFound
from frontdesk.domain.leads.service import datasets, imports
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/api/datasets", operation_id="list_datasets", dependencies=wanted_of(DatasetQuery))
async def list_datasets(work: Given[Work], wanted: Given[DatasetQuery]) -> DatasetList:
    return DatasetList.of(await datasets.list_all(work, wanted.status, wanted.sort, wanted.descending))


@post("/api/datasets", operation_id="create_dataset", status_code=201)
async def create_dataset(work: Given[Work], data: JSONBody[NewDataset], links: Given[Links]) -> OneDataset:
    return OneDataset.of(await datasets.create(work, data.name, data.description, data.start()), links)


@get("/api/datasets/{dataset_id:str}", operation_id="get_dataset")
async def get_dataset(work: Given[Work], dataset_id: FromPath[str], links: Given[Links]) -> OneDataset:
    return OneDataset.of(await datasets.get(work, path_id(dataset_id, DatasetNotFound)), links)


@put("/api/datasets/{dataset_id:str}", operation_id="update_dataset")
async def update_dataset(
    work: Given[Work], dataset_id: FromPath[str], data: JSONBody[DatasetUpdate], links: Given[Links]
) -> OneDataset:
    which = path_id(dataset_id, DatasetNotFound)
    return OneDataset.of(await campaigns.change_dataset(work, which, data.change(), data.campaign_status), links)


@delete("/api/datasets/{dataset_id:str}", operation_id="delete_dataset", status_code=200)
async def delete_dataset(work: Given[Work], dataset_id: FromPath[str]) -> Deleted:
    await datasets.delete(work, path_id(dataset_id, DatasetNotFound))
    return Deleted()


@post("/api/datasets/upload", operation_id="upload_dataset_file", status_code=200, upload=True)
async def upload_dataset_file(
    context: Given[Context], actor: Given[Actor], request: Request[Any, Any, Any], links: Given[Links]
) -> OneUpload:
    sent = await upload_of(request)
    dataset_id = body_id(sent.fields.get("dataset_id"), "dataset_id")
    return OneUpload.of(await imports.upload(context, actor, sent.file.filename, sent.chunks(), dataset_id), links)


@post("/api/datasets/map-and-import", operation_id="import_dataset_leads", status_code=200, fields=IMPORT_FIELDS)
async def import_dataset_leads(
    context: Given[Context], actor: Given[Actor], data: JSONBody[Import], links: Given[Links]
) -> Imported:
    settings = data.campaign_settings.change() if data.campaign_settings else None
    outcome = await campaigns.import_leads(context, actor, data.upload_id, data.dataset_id, data.mapping(), settings)
    return Imported.of(outcome, links)


@get("/api/datasets/{dataset_id:str}/preflight", operation_id="preflight_dataset", extension=True)
async def preflight_dataset(work: Given[Work], dataset_id: FromPath[str]) -> DatasetPreflight:
    """Whom the dataset's campaign would write to now, and whom not and why; what it would send, and at what cost."""
    which = path_id(dataset_id, DatasetNotFound)
    found = await audience.preflight(work, which)
    return DatasetPreflight.of(found, await audience.cost(work, await campaigns.get_campaign(work, which)))


@get("/api/datasets/{dataset_id:str}/progress", operation_id="follow_dataset", extension=True)
async def follow_dataset(work: Given[Work], dataset_id: FromPath[str]) -> CampaignProgress:
    """How far the dataset's campaign is."""
    return CampaignProgress.of(await campaigns.progress(work, path_id(dataset_id, DatasetNotFound)))


@get("/api/datasets/{dataset_id:str}/imports", operation_id="list_imports", extension=True)
async def list_imports(work: Given[Work], dataset_id: FromPath[str], links: Given[Links]) -> ImportList:
    """The imports into the dataset, newest first."""
    return ImportList.of(await imports.list_imports(work, path_id(dataset_id, DatasetNotFound)), links)


@get("/api/imports/{import_id:str}", operation_id="get_import", extension=True)
async def get_import(work: Given[Work], import_id: FromPath[str], links: Given[Links]) -> OneImport:
    """How far an import is, and what came of it."""
    return OneImport.of(await imports.result(work, path_id(import_id, ImportNotFound)), links)


@post("/api/imports/{import_id:str}/undo", operation_id="undo_import", status_code=200, extension=True)
async def undo_import(work: Given[Work], import_id: FromPath[str], links: Given[Links]) -> OneImport:
    """Take an import back. Its leads leave the dataset; those that nobody contacted, booked or changed and that are in
    no other dataset are deleted. Refused while the campaign runs. A second time changes nothing."""
    return OneImport.of(await campaigns.undo_import(work, path_id(import_id, ImportNotFound)), links)


ROUTES = [
    list_datasets,
    create_dataset,
    get_dataset,
    update_dataset,
    delete_dataset,
    upload_dataset_file,
    import_dataset_leads,
    preflight_dataset,
    follow_dataset,
    list_imports,
    get_import,
    undo_import,
]
