"""Documents that the assistant answers from, over the HEKAX API."""

import httpx
from tests.fixtures.organizations import Organization

from frontdesk.domain.agents.service import files
from frontdesk.domain.agents.tasks import DocumentDue
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context

FACTS = b"# Opening\n\nThe showroom has a warranty of seven years on every oak worktop.\n"


async def test_a_document_is_taken_read_and_found(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, context: Context, org: Organization
) -> None:
    made = await api.post("/api/knowledge", files={"file": ("facts.md", FACTS, "text/markdown")})
    assert made.status_code == 201
    told = made.json()["document"]
    assert (told["name"], told["kind"], told["size"], told["status"]) == ("facts.md", "md", len(FACTS), "WAITING")
    which = parse_id(told["id"])
    assert which
    await files.read(context, DocumentDue(org.id, which, 1))
    assert (await api.get(f"/api/knowledge/{told['id']}")).json()["document"]["status"] == "READY"
    assert len((await api.get("/api/knowledge")).json()["documents"]) == 1
    asked = {"q": "How long is the warranty of worktops?"}
    found = (await api.get("/api/knowledge/search", params=asked)).json()["results"]
    assert "seven years" in found[0]["text"]
    assert found[0]["documentName"] == "facts.md"
    assert (await stranger.get("/api/knowledge/search", params=asked)).json()["results"] == []
    assert (await stranger.get(f"/api/knowledge/{told['id']}")).status_code == 404
    assert (await api.delete(f"/api/knowledge/{told['id']}")).json() == {"removed": True}
    assert (await api.get("/api/knowledge/search", params=asked)).json()["results"] == []


async def test_what_is_no_document_is_refused(api: httpx.AsyncClient, agent: httpx.AsyncClient) -> None:
    for name, content in (("tool.exe", b"MZ"), ("facts.pdf", b"plain words"), ("empty.txt", b"")):
        refused = await api.post("/api/knowledge", files={"file": (name, content)})
        assert (refused.status_code, refused.json()["details"]) == (400, {"field": "file"})
    large = await api.post("/api/knowledge", files={"file": ("large.txt", b"a " * (6 * 1024 * 1024))})
    assert (large.status_code, large.json()["code"]) == (400, "PAYLOAD_TOO_LARGE")
    assert (await api.post("/api/knowledge", json={})).status_code == 400
    assert (await agent.post("/api/knowledge", files={"file": ("a.txt", b"words")})).status_code == 403
