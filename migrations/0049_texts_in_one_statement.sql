-- Texts that come at once, to whichever organisations, are taken in by one statement: what is done once for a statement
-- (its plan, the rules of its tables read again) was half of what a text cost. It writes rows of several organisations,
-- so it is done as a role that may do this and nothing else, by policies of its own (docs/decisions/0016); whose a row
-- is follows from the number that was called, and the lead is looked for among that organisation's.
drop function take_in_texts;
drop function take_in_text;

grant usage on schema public to frontdesk_intake;
do $$
declare t text;
begin
    foreach t in array array['lead_identities', 'leads', 'dataset_leads', 'lead_counts', 'conversations', 'messages', 'events']
    loop
        execute format('create policy intake on %I to frontdesk_intake using (true)', t);
    end loop;
end $$;
grant execute on function org_of_number to frontdesk_intake;
grant select (org_id, kind, value, lead_id) on lead_identities to frontdesk_intake;
grant select (org_id, id, phone, stage, contact_status, manual_mode, latest_reply, reply_received_at),
      update (stage, latest_reply, reply_received_at, updated_at) on leads to frontdesk_intake;
grant select, insert on webhooks_seen to frontdesk_intake;
grant select (org_id, id, lead_id, channel, dataset_id, generation, message_count, unread, status, reply_delay),
      insert (org_id, id, lead_id, started_at, last_message_at, last_inbound_at, generation, message_count, unread),
      update (last_message_at, last_inbound_at, generation, message_count, unread, status)
    on conversations to frontdesk_intake;
grant insert on messages, events to frontdesk_intake;
do $$
begin  -- the queue's tables are made after this, where they are not there yet, and this is granted then
    if to_regclass('pgqueuer') is not null then
        grant insert (priority, entrypoint, payload, execute_after, status) on pgqueuer to frontdesk_intake;
        grant usage on sequence pgqueuer_id_seq to frontdesk_intake;
    end if;
end $$;
-- For count_restaged, which a lead's change of status fires.
grant select (org_id, lead_id, dataset_id) on dataset_leads to frontdesk_intake;
grant insert on lead_counts to frontdesk_intake;

create function take_in_texts(
    called text[], sender text[], body text[], segments int[], provider text[], provider_id text[],
    at timestamptz, spoken_for uuid[], ids uuid[], nobody_answers text[], is_heard text[], heard text,
    task text, due timestamptz, pace float8
) returns text[] language plpgsql security definer set search_path = pg_catalog, public as $$
#variable_conflict use_column
declare
    outcomes text[];
begin
    with arriving as materialized (
        select t.*, org_of_number(t.called) as org_id
        from unnest(called, sender, body, segments, provider, provider_id, spoken_for)
             with ordinality t (called, sender, body, segments, provider, provider_id, spoken_for, place)
    ), ours as (
        select * from arriving where org_id is not null and (spoken_for is null or spoken_for = org_id)
    ), known as materialized (  -- in the order in which all lock who lock several
        select o.*, l.id as lead_id, l.phone, l.stage, l.manual_mode, l.latest_reply, l.reply_received_at
        from ours o
        join lead_identities i on i.org_id = o.org_id and i.kind = 'phone' and i.value = o.sender
        join leads l on l.org_id = i.org_id and l.id = i.lead_id
        order by l.id
        for no key update of l
    ), answered as (
        select *, stage = any (is_heard) as heard_now from known
        where not manual_mode and stage <> all (nobody_answers)
    ), seen as (
        insert into webhooks_seen (provider, event_id, seen_at)
        select provider, provider_id, at from answered order by place
        on conflict do nothing
        returning provider, event_id
    ), fresh as (
        select a.* from answered a join seen s on s.provider = a.provider and s.event_id = a.provider_id
    ), threads as (
        insert into conversations as c (org_id, id, lead_id, started_at, last_message_at, last_inbound_at,
                                        generation, message_count, unread)
        select org_id, ids[4 * place - 2], lead_id, at, at, at, 1, 1, 1 from fresh order by lead_id
        on conflict on constraint conversations_org_id_lead_id_channel_key do update
            set last_message_at = at, last_inbound_at = at, generation = c.generation + 1,
                message_count = c.message_count + 1, unread = c.unread + 1,
                status = case c.status when 'closed' then 'active' else c.status end
        returning c.org_id, c.id, c.lead_id, c.dataset_id, c.generation, c.reply_delay
    ), heard_leads as (
        update leads l
        set latest_reply = f.body, reply_received_at = at, updated_at = at,
            stage = case when f.heard_now then heard else l.stage end
        from fresh f
        where l.org_id = f.org_id and l.id = f.lead_id
        returning l.org_id, l.id, l.contact_status
    ), taken as materialized (
        select f.*, ids[4 * place - 3] as message_id, c.id as conversation_id, c.dataset_id, c.generation, c.reply_delay,
               h.contact_status,
               array_remove(array[
                   case when f.heard_now then 'stage' end,
                   case when f.latest_reply is distinct from f.body then 'latest_reply' end,
                   case when f.reply_received_at is distinct from at then 'reply_received_at' end], null) as fields
        from fresh f  -- what neither gives back is kept all the same, or refused for having no conversation
        left join threads c on c.org_id = f.org_id and c.lead_id = f.lead_id
        left join heard_leads h on h.org_id = f.org_id and h.id = f.lead_id
    ), kept as (
        insert into messages (org_id, id, conversation_id, lead_id, dataset_id, direction, category, status,
                              body, sender, recipient, segments, provider, provider_id, created_at)
        select org_id, message_id, conversation_id, lead_id, dataset_id, 'inbound', 'inbound', 'received',
               body, coalesce(phone, ''), called, segments, provider, provider_id, at
        from taken order by place
    ), told as (
        insert into events (org_id, id, type, subject_type, subject_id, payload, version, actor_type, occurred_at)
        select t.org_id, fact.id, fact.type, fact.subject_type, fact.subject_id, fact.payload, 1, 'system', at
        from taken t cross join lateral (values
            (ids[4 * t.place - 1], 'lead.updated', 'lead', t.lead_id, case when t.fields <> '{}' then
                jsonb_build_object('fields', t.fields, 'contact_status', t.contact_status) end),
            (ids[4 * t.place], 'message.received', 'message', t.message_id,
                jsonb_build_object('conversation_id', t.conversation_id, 'lead_id', t.lead_id, 'category', 'inbound',
                                   'dataset_id', t.dataset_id))
        ) as fact (id, type, subject_type, subject_id, payload)
        where fact.payload is not null
        order by fact.id
    ), queued as (
        insert into pgqueuer (priority, entrypoint, payload, execute_after, status)
        select 0, task, convert_to(jsonb_build_object('org_id', org_id, 'conversation_id', conversation_id,
                                                      'generation', generation)::text, 'UTF8'),
               due + make_interval(secs => reply_delay * pace), 'queued'
        from taken order by place
    )
    select array_agg(case when t.place is not null then 'taken' when a.place is not null then 'repeated'
                          when o.place is not null then 'apart' else 'nobody' end order by arriving.place)
    into outcomes
    from arriving
    left join ours o on o.place = arriving.place
    left join answered a on a.place = arriving.place
    left join taken t on t.place = arriving.place;
    return outcomes;
end $$;
grant create on schema public to frontdesk_intake;
alter function take_in_texts owner to frontdesk_intake;
revoke create on schema public from frontdesk_intake;
revoke execute on function take_in_texts from public;
grant execute on function take_in_texts to frontdesk_app;
