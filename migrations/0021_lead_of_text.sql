-- Who has texted, in one round trip: the organisation behind a number of ours, which becomes the tenant of the session,
-- and then its lead that has the sender's number. The lead is read as the caller, within that tenant only.
create function lead_of_text(called text, sender text, out org_id uuid, out lead leads) language plpgsql as $$
begin
    org_id := org_of_number(called);
    perform set_config('app.org_id', coalesce(org_id::text, ''), false);
    select l.* into lead from lead_identities i join leads l on l.org_id = i.org_id and l.id = i.lead_id
    where i.org_id = lead_of_text.org_id and i.kind = 'phone' and i.value = sender;
end $$;
revoke execute on function lead_of_text from public;
grant execute on function lead_of_text to frontdesk_app;
