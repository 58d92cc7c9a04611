"""The SQL of a lead's timeline: one select a kind, of (at, id, kind, actor_type, actor_id, data)."""

from uuid import UUID

from frontdesk.domain.activity.model import Moment, MomentKind
from frontdesk.platform.database import Work, records

_OF_KIND: dict[MomentKind, str] = {
    MomentKind.TEXT: """
        select m.created_at, m.id, case when m.author_id is null then 'system' else 'user' end, m.author_id,
            jsonb_build_object('body', m.body, 'direction', m.direction, 'category', m.category, 'status', m.status,
                'segments', m.segments, 'due_at', m.due_at, 'claimed_at', m.claimed_at, 'sent_at', m.sent_at,
                'delivered_at', m.delivered_at, 'error_code', m.error_code, 'error_message', m.error_message,
                'ai', m.ai_generated, 'confidence', m.ai_confidence, 'reasoning', m.ai_reasoning)
        from messages m join conversations c on c.org_id = m.org_id and c.id = m.conversation_id
        where m.org_id = $1 and c.lead_id = $2 and m.status <> 'draft'""",
    MomentKind.GATE: """
        select decided_at, id, 'system', null::uuid, jsonb_build_object('category', category, 'allowed', allowed,
            'reason', reason, 'next_open_at', next_open_at)
        from gate_decisions where org_id = $1 and lead_id = $2""",
    MomentKind.CHANGE: """
        select changed_at, id, actor_type, actor_id, jsonb_build_object('was', was, 'becomes', becomes,
            'reason', reason, 'undone_at', undone_at)
        from lead_changes where org_id = $1 and lead_id = $2""",
    MomentKind.HANDOFF: """
        select e.occurred_at, e.id, e.actor_type, e.actor_id, jsonb_build_object('type', e.type, 'payload', e.payload)
        from events e join conversations c on c.org_id = e.org_id and c.id = e.subject_id
        where e.org_id = $1 and c.lead_id = $2 and e.type in ('conversation.handoff', 'conversation.taken_over')""",
    MomentKind.CALL: """
        select b.created_at, b.id, case b.booked_by when 'person' then 'user' else 'system' end, null::uuid,
            jsonb_build_object('what', 'booked', 'starts_at', b.starts_at, 'by', b.booked_by)
        from bookings b where b.org_id = $1 and b.lead_id = $2
        union all
        select b.cancelled_at, b.id, 'system', null::uuid,
            jsonb_build_object('what', 'cancelled', 'starts_at', b.starts_at, 'by', '')
        from bookings b where b.org_id = $1 and b.lead_id = $2 and b.cancelled_at is not null
        union all
        select c.started_at, c.id, case when o.asked_by is null then 'system' else 'user' end, o.asked_by,
            jsonb_build_object('what', c.direction, 'status', c.status, 'reason', c.ended_reason,
                'ai', c.task = 'assist', 'duration', c.duration, 'purpose', coalesce(o.purpose, ''),
                'summary', coalesce(a.summary, ''))
        from calls c left join outgoing_calls o on o.org_id = c.org_id and o.call_id = c.id
        left join call_analyses a on a.org_id = c.org_id and a.call_id = c.id
        where c.org_id = $1 and c.lead_id = $2""",
    MomentKind.CONSENT: """
        select occurred_at, id, actor_type, actor_id, jsonb_build_object('type', type, 'how', payload ->> 'how')
        from events where org_id = $1 and subject_id = $2 and type in ('contact.suppressed', 'contact.allowed')""",
    MomentKind.IMPORT: """
        select d.created_at, d.dataset_id, 'user', i.created_by,
            jsonb_build_object('dataset', s.name, 'file', u.filename, 'import', d.import_id)
        from dataset_leads d join datasets s on s.org_id = d.org_id and s.id = d.dataset_id
        left join imports i on i.org_id = d.org_id and i.id = d.import_id
        left join uploads u on u.org_id = i.org_id and u.id = i.upload_id
        where d.org_id = $1 and d.lead_id = $2""",
}


async def page(
    work: Work, lead_id: UUID, kinds: list[MomentKind], before: tuple[object, UUID] | None, limit: int
) -> list[Moment]:
    """The newest moments of these kinds, or those older than a place; newest first."""
    union = " union all ".join(
        f"select '{kind.value}' as kind, x.* from ({_OF_KIND[kind]}) x (at, id, actor_type, actor_id, data)"
        for kind in kinds
    )
    rows = await work.fetch(
        f"""select * from ({union}) moments where $3::timestamptz is null or (at, id) < ($3, $4::uuid)
            order by at desc, id desc limit $5""",
        work.org_id, lead_id, before[0] if before else None, before[1] if before else None, limit,
    )  # fmt: skip
    return records(Moment, rows)
