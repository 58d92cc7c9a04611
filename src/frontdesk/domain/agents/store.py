"""The SQL of knowledge and agent profiles."""

from uuid import UUID

from frontdesk.domain.agents.model import AgentProfile, KnowledgeItem
from frontdesk.platform.database import Work, record, records

_COLUMNS = "id, title, body, created_at, updated_at"


async def profile(work: Work) -> AgentProfile:
    """How the organisation's agent presents itself."""
    row = await work.fetchrow(
        """select name, agent_name, time_zone, ai_enabled, ai_daily_cap, business_hours, phone, email
           from organizations where org_id = $1""",
        work.org_id,
    )
    assert row is not None
    return record(AgentProfile, row)


async def items(work: Work) -> list[KnowledgeItem]:
    """All knowledge, by title."""
    rows = await work.fetch(
        f"select {_COLUMNS} from knowledge where org_id = $1 order by lower(title), id", work.org_id
    )
    return records(KnowledgeItem, rows)


async def matching(work: Work, question: str, limit: int) -> list[KnowledgeItem]:
    """Knowledge that shares words with the question, best first."""
    # The stems go into the query as they are ('simple'): stemmed again, some become others (guarante, guarant).
    rows = await work.fetch(
        f"""with asked as (
                select to_tsquery('simple', string_agg(quote_literal(word), ' | ')) as words
                from unnest(tsvector_to_array(to_tsvector('english', $2))) word)
            select {_COLUMNS} from knowledge, asked
            where org_id = $1 and knowledge.words @@ asked.words
            order by ts_rank_cd(knowledge.words, asked.words) desc, id limit $3""",
        work.org_id, question, limit,
    )  # fmt: skip
    return records(KnowledgeItem, rows)


async def save(work: Work, item: KnowledgeItem) -> bool:
    """Write it, new or changed."""
    return bool(
        await work.execute(
            """insert into knowledge (org_id, id, title, body, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)
               on conflict (org_id, id) do update
                   set title = excluded.title, body = excluded.body, updated_at = excluded.updated_at""",
            work.org_id, item.id, item.title, item.body, work.now,
        )
    )  # fmt: skip


async def get(work: Work, item_id: UUID) -> KnowledgeItem | None:
    """One piece, if it is there."""
    row = await work.fetchrow(f"select {_COLUMNS} from knowledge where org_id = $1 and id = $2", work.org_id, item_id)
    return None if row is None else record(KnowledgeItem, row)


async def delete(work: Work, item_id: UUID) -> bool:
    """Remove it. False where there was none."""
    return bool(await work.execute("delete from knowledge where org_id = $1 and id = $2", work.org_id, item_id))
