"""The SQL of knowledge and agent profiles."""

from uuid import UUID

from frontdesk.domain.agents.model import AgentProfile, Found, KnowledgeItem
from frontdesk.platform.database import Work, record, records

_COLUMNS = "id, title, body, created_at, updated_at"


async def profile(work: Work) -> AgentProfile:
    """How the organisation's agent presents itself."""
    row = await work.fetchrow(
        """select name, agent_name, time_zone, ai_enabled, ai_daily_cap, business_hours, phone, email,
               greeting, voice_id, system_prompt, max_call_seconds, max_turns, ai_temperature
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


async def matching(work: Work, question: str, limit: int) -> list[Found]:
    """Facts and passages of documents that share words with the question: those with most of them first."""
    # The stems go into the query as they are ('simple'): stemmed again, some become others (guarante, guarant).
    rows = await work.fetch(
        """with asked as materialized (
                select list, (select to_tsquery('simple', string_agg(quote_literal(word), ' | '))
                              from unnest(list) word) as words
                from (select tsvector_to_array(to_tsvector('english', $2)) as list) stems),
            found as (
                select k.id, k.title, k.body, null::uuid as file_id, null as file_name, k.words
                from knowledge k, asked where k.org_id = $1 and k.words @@ asked.words
                union all
                select p.id, p.title, p.body, f.id, f.name, p.words
                from knowledge_passages p join knowledge_files f on f.org_id = p.org_id and f.id = p.file_id, asked
                where p.org_id = $1 and p.words @@ asked.words and f.deleted_at is null)
            select id, title, body, file_id, file_name from found, asked
            order by (select count(*) from unnest(tsvector_to_array(found.words)) stem where stem = any(list)) desc,
                     ts_rank_cd(found.words, asked.words) desc, id
            limit $3""",
        work.org_id, question, limit,
    )  # fmt: skip
    return records(Found, rows)


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
