"""Knowledge: what the assistant may tell leads, and trying out which of it answers a question. What is done with
documents: `documents.py`."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, asked, form_of, the_id, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.views.imports import size_words
from frontdesk.domain.agents import service as agents
from frontdesk.domain.agents.errors import KnowledgeNotFound
from frontdesk.domain.agents.model import FileStatus, KnowledgeItem
from frontdesk.domain.agents.service import files
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import DomainError
from frontdesk.platform.database import Work

HERE = "/console/knowledge"


@get("/knowledge")
async def knowledge(request: AnyRequest, work: Given[Work]) -> Page:
    """All facts; those that answer `?q=` where a question is tried."""
    return await knowledge_page(request, work)


async def knowledge_page(
    request: AnyRequest,
    work: Work,
    form: Form | None = None,
    problem: DomainError | None = None,
    deleted: KnowledgeItem | None = None,
) -> Page:
    """The whole room, with what was wrong with a form of it, or the fact that was just deleted."""
    documents = await files.list_files(work)
    question = asked(request, "q")[:500]
    return await render(
        request,
        "knowledge/index.html",
        work,
        status=400 if problem else 200,
        facts=await agents.list_facts(work),
        documents=documents,
        busy=any(each.status in (FileStatus.WAITING, FileStatus.READING) for each in documents),
        megabytes=files.LARGEST // 1024 // 1024,
        size_words=size_words,
        question=question,
        matches=await agents.find_facts(work, question) if question else [],
        may_edit=work.actor.may(Permission.EDIT_LESSONS),
        given=form or Form({}),
        wrong=wrong(problem, "title", "body", "file") if problem else {},
        deleted=deleted,
    )


@post("/knowledge", status_code=200)
async def add(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Add a fact, or bring a deleted one back."""
    form = await form_of(request)
    try:
        fact = await agents.save_fact(work, None, form.text("title"), _lines(form.raw("body")))
    except MENDABLE as problem:
        return await knowledge_page(request, work, form, problem)
    return go(request, f"{HERE}#fact-{fact.id}", good=f"“{fact.title}” is saved. The assistant knows it from now on.")


@get("/knowledge/{fact_id:str}")
async def edit(request: AnyRequest, work: Given[Work], fact_id: FromPath[str]) -> Page:
    """One fact, to be changed."""
    work.require(Permission.EDIT_LESSONS)
    fact = await _fact(work, fact_id)
    return await _edit(request, work, fact, Form({"title": [fact.title], "body": [fact.body]}))


async def _edit(
    request: AnyRequest, work: Work, fact: KnowledgeItem, given: Form, problem: DomainError | None = None
) -> Page:
    return await render(
        request,
        "knowledge/edit.html",
        work,
        status=400 if problem else 200,
        fact=fact,
        given=given,
        wrong=wrong(problem, "title", "body") if problem else {},
    )


@post("/knowledge/{fact_id:str}", status_code=200)
async def change(request: AnyRequest, work: Given[Work], fact_id: FromPath[str]) -> Response[Any]:
    """Change a fact."""
    form, fact = await form_of(request), await _fact(work, fact_id)
    try:
        saved = await agents.save_fact(work, fact.id, form.text("title"), _lines(form.raw("body")))
    except MENDABLE as problem:
        return await _edit(request, work, fact, form, problem)
    return go(request, f"{HERE}#fact-{saved.id}", good=f"“{saved.title}” is saved.")


@post("/knowledge/{fact_id:str}/delete", status_code=200)
async def delete(request: AnyRequest, work: Given[Work], fact_id: FromPath[str]) -> Page:
    """Delete a fact, and offer it back on the page that follows."""
    fact = await _fact(work, fact_id)
    await agents.delete_fact(work, fact.id)
    return await knowledge_page(request, work, deleted=fact)


async def _fact(work: Work, fact_id: str) -> KnowledgeItem:
    wanted = the_id(fact_id)
    for fact in await agents.list_facts(work):
        if fact.id == wanted:
            return fact
    raise KnowledgeNotFound


def _lines(text: str) -> str:
    """Browsers send line ends as CR LF."""
    return text.replace("\r\n", "\n")


routes: list[Any] = [knowledge, add, edit, change, delete]
