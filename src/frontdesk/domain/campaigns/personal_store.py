"""The SQL of texts that a model words for single leads: which are wanted, what came of them, how many were asked."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.campaigns.model import PersonalFigures
from frontdesk.domain.campaigns.personal import Personal
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.store import COLUMNS as LEAD
from frontdesk.platform.database import Work, record

DAY = timedelta(days=1)

_PERSONAL = "p.made_of, p.body, p.fault, p.ai_model, p.ai_prompt"


async def wanting(work: Work, until: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(organisation, dataset) of running campaigns that a model is to word texts for, with something due until then.
    Runs as the system role."""
    rows = await work.fetch(
        """select d.org_id, d.id from datasets d join campaigns c on c.org_id = d.org_id and c.dataset_id = d.id
           where d.campaign_status = 'active' and c.personalise
             and (d.campaign_end_date is null or d.campaign_end_date > $1)
             and exists (select from dataset_leads x
                         where x.org_id = d.org_id and x.dataset_id = d.id and x.due_at <= $2)
           order by random() limit $3""",
        work.now, until, limit,
    )  # fmt: skip
    return [(row["org_id"], row["id"]) for row in rows]


class NextText(Struct, frozen=True):
    """A lead whose next text is due soon. `made_of`: what the text that is there for it was made of."""

    lead: Lead
    step: int
    made_of: str | None


async def next_texts(work: Work, dataset_id: UUID, until: datetime, limit: int) -> list[NextText]:
    """The dataset's leads with something due until then, in the order in which they are claimed."""
    rows = await work.fetch(
        f"""select d.step + 1 as next_step, p.made_of, {LEAD}
            from dataset_leads d join leads l on l.org_id = d.org_id and l.id = d.lead_id
            left join personal_texts p on p.org_id = d.org_id and p.dataset_id = d.dataset_id and p.lead_id = d.lead_id
                and p.step = d.step + 1
            where d.org_id = $1 and d.dataset_id = $2 and d.due_at <= $3 and d.step < 3
            order by d.due_at, d.lead_id limit $4""",
        work.org_id, dataset_id, until, limit,
    )  # fmt: skip
    return [NextText(record(Lead, row), row["next_step"], row["made_of"]) for row in rows]


async def save(work: Work, dataset_id: UUID, lead_id: UUID, step: int, text: Personal) -> None:
    """Keep what came of it, unless the lead has left the dataset."""
    await work.execute(
        """insert into personal_texts (org_id, dataset_id, lead_id, step, made_of, body, fault, ai_model, ai_prompt,
               made_at)
           select org_id, dataset_id, lead_id, $4, $5, $6, $7, $8, $9, $10 from dataset_leads
           where org_id = $1 and dataset_id = $2 and lead_id = $3 for key share
           on conflict (org_id, dataset_id, lead_id, step) do update
               set made_of = excluded.made_of, body = excluded.body, fault = excluded.fault,
                   ai_model = excluded.ai_model, ai_prompt = excluded.ai_prompt, made_at = excluded.made_at""",
        work.org_id, dataset_id, lead_id, step, text.made_of, text.body, text.fault, text.ai_model, text.ai_prompt,
        work.now,
    )  # fmt: skip


async def ready(work: Work, dataset_id: UUID, steps: dict[UUID, int]) -> dict[UUID, Personal]:
    """The texts that a model has worded for these leads and steps, by lead."""
    rows = await work.fetch(
        f"""select p.lead_id, {_PERSONAL} from unnest($3::uuid[], $4::smallint[]) as w (lead_id, step)
            join personal_texts p on p.org_id = $1 and p.dataset_id = $2 and p.lead_id = w.lead_id and p.step = w.step
            where p.body is not null""",
        work.org_id, dataset_id, list(steps), list(steps.values()),
    )  # fmt: skip
    return {row["lead_id"]: record(Personal, row) for row in rows}


async def count_asked(work: Work, dataset_id: UUID, count: int) -> None:
    """A model was asked for so many texts; the day that they count for begins with the first of it."""
    await work.execute(
        """insert into campaigns as c (org_id, dataset_id, updated_at, personalised, personalised_since)
           values ($1, $2, $5, $3, $5)
           on conflict (org_id, dataset_id) do update set
               personalised = case when c.personalised_since > $4 then c.personalised + $3 else $3 end,
               personalised_since = case when c.personalised_since > $4 then c.personalised_since else $5 end""",
        work.org_id, dataset_id, count, work.now - DAY, work.now,
    )  # fmt: skip


_ASKED = """select coalesce(sum(personalised), 0)::int from campaigns
    where org_id = $1 and dataset_id = $2 and personalised_since > $3"""


async def asked(work: Work, dataset_id: UUID) -> int:
    """How many a model was asked for within the day that counts."""
    return await work.fetchval(_ASKED, work.org_id, dataset_id, work.now - DAY)


async def figures(work: Work, dataset_id: UUID) -> PersonalFigures:
    """How the campaign's personalising goes, in one statement."""
    row = await work.fetchrow(
        f"""with texts as materialized (
                select p.fault, p.body is not null as written, m.ai_model is not null as sent
                from personal_texts p
                left join messages m on m.org_id = p.org_id and m.dataset_id = p.dataset_id and m.lead_id = p.lead_id
                    and m.category = 'm' || p.step and m.category in ('m1', 'm2', 'm3')
                where p.org_id = $1 and p.dataset_id = $2)
            select (select count(*) from texts where written) as written,
                   (select count(*) from texts where sent) as sent,
                   (select coalesce(jsonb_object_agg(fault, n), '{{}}') from (
                       select fault, count(*) as n from texts where fault is not null group by 1) f) as faults,
                   ({_ASKED}) as asked""",
        work.org_id, dataset_id, work.now - DAY,
    )  # fmt: skip
    assert row is not None
    return record(PersonalFigures, row)
