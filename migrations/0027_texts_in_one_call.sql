-- A text of a lead is taken in by one call: whose number it came to, which becomes the tenant of the transaction; the
-- lead that texts, as the caller may see it; and what is written of both. It replaces a look-up and a statement of ten
-- common table expressions, which took twice the server's time. `domain/conversations/arrival_store.py` calls it and
-- says what it promises; the lead, the webhook, the conversation and the message are locked in that order.
create function take_in_text(
    called text, sender text, body text, segments int, provider text, provider_id text, at timestamptz,
    spoken_for uuid, message_id uuid, conversation_id uuid, fact_ids uuid[], nobody_answers text[], is_heard text[],
    heard text, task text, due timestamptz, pace float8, out org_id uuid, out outcome text
) language plpgsql as $$
#variable_conflict use_variable
declare
    lead record;
    thread record;
    heard_now boolean;
    contact_status text;
    fields text[];
begin
    org_id := org_of_number(called);
    if spoken_for <> org_id then
        org_id := null;
    end if;
    if org_id is null then
        outcome := 'nobody';
        return;
    end if;
    perform set_config('app.org_id', org_id::text, true);
    select l.id, l.phone, l.stage, l.manual_mode, l.latest_reply, l.reply_received_at into lead
    from lead_identities i join leads l on l.org_id = i.org_id and l.id = i.lead_id
    where i.org_id = take_in_text.org_id and i.kind = 'phone' and i.value = sender
    for no key update of l;
    if not found or lead.manual_mode or lead.stage = any (nobody_answers) then
        outcome := 'apart';
        return;
    end if;
    insert into webhooks_seen (provider, event_id, seen_at) values (provider, provider_id, at) on conflict do nothing;
    if not found then
        outcome := 'repeated';
        return;
    end if;
    insert into conversations as c (org_id, id, lead_id, started_at, last_message_at, last_inbound_at,
                                    generation, message_count, unread)
    values (org_id, conversation_id, lead.id, at, at, at, 1, 1, 1)
    on conflict on constraint conversations_org_id_lead_id_channel_key do update
        set last_message_at = at, last_inbound_at = at, generation = c.generation + 1,
            message_count = c.message_count + 1, unread = c.unread + 1,
            status = case c.status when 'closed' then 'active' else c.status end
    returning c.id, c.dataset_id, c.generation, c.reply_delay into thread;
    insert into messages (org_id, id, conversation_id, lead_id, dataset_id, direction, category, status,
                          body, sender, recipient, segments, provider, provider_id, created_at)
    values (org_id, message_id, thread.id, lead.id, thread.dataset_id, 'inbound', 'inbound', 'received',
            body, coalesce(lead.phone, ''), called, segments, provider, provider_id, at);
    heard_now := lead.stage = any (is_heard);
    update leads l set latest_reply = body, reply_received_at = at, updated_at = at,
                       stage = case when heard_now then heard else l.stage end
    where l.org_id = take_in_text.org_id and l.id = lead.id
    returning l.contact_status into contact_status;
    fields := array_remove(array[
        case when heard_now then 'stage' end,
        case when lead.latest_reply is distinct from body then 'latest_reply' end,
        case when lead.reply_received_at is distinct from at then 'reply_received_at' end], null);
    insert into events (org_id, id, type, subject_type, subject_id, payload, version, actor_type, occurred_at)
    select org_id, fact.id, fact.type, fact.subject_type, fact.subject_id, fact.payload, 1, 'system', at
    from (values (fact_ids[1], 'lead.updated', 'lead', lead.id, case when fields <> '{}' then
                      jsonb_build_object('fields', fields, 'contact_status', contact_status) end),
                 (fact_ids[2], 'message.received', 'message', message_id,
                  jsonb_build_object('conversation_id', thread.id, 'lead_id', lead.id, 'category', 'inbound',
                                     'dataset_id', thread.dataset_id))
         ) as fact (id, type, subject_type, subject_id, payload)
    where fact.payload is not null;
    insert into pgqueuer (priority, entrypoint, payload, execute_after, status)
    values (0, task, convert_to(jsonb_build_object('org_id', org_id, 'conversation_id', thread.id,
                                                   'generation', thread.generation)::text, 'UTF8'),
            due + make_interval(secs => thread.reply_delay * pace), 'queued');
    outcome := 'taken';
end $$;
revoke execute on function take_in_text from public;
grant execute on function take_in_text to frontdesk_app;
drop function lead_of_text;

-- What a lead's change of status counts is written only where it changed, row by row: a statement's transition tables
-- cost every update of a lead, most of which leave the status alone.
create function count_restaged() returns trigger language plpgsql as $$
begin
    insert into lead_counts
    select new.org_id, d.dataset_id, s.status, s.change
    from (select null::uuid as dataset_id
          union all
          select m.dataset_id from dataset_leads m where m.org_id = new.org_id and m.lead_id = new.id) d,
         (values (old.contact_status, -1), (new.contact_status, 1)) s (status, change);
    return null;
end $$;
drop trigger count_updated on leads;
create trigger count_restaged after update on leads for each row
    when (old.contact_status <> new.contact_status) execute function count_restaged();

create or replace function count_leads() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into lead_counts select org_id, null, contact_status, count(*) from after group by org_id, contact_status;
    else
        insert into lead_counts select org_id, null, contact_status, -count(*) from before group by org_id, contact_status;
    end if;
    return null;
end $$;

-- A trigger before updates has the server work out at each of them which columns it changes, generated ones included.
drop trigger keep_place on leads;
create trigger keep_place after update of created_at on leads for each row
    when (old.created_at <> new.created_at) execute function keep_place();
