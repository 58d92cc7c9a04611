-- How many callers the assistants of all organisations have now: this installation has room for so many.
create function calls_with_assistant(at timestamptz) returns bigint
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select count(*) from calls
    where status in ('queued', 'ringing', 'in_progress') and lease_until > at
      and task <> 'ring' and coalesce(transfer, '') not in ('dialling', 'connected');
end;
grant create on schema public to frontdesk_system;
alter function calls_with_assistant owner to frontdesk_system;
revoke create on schema public from frontdesk_system;
revoke execute on function calls_with_assistant from public;
grant execute on function calls_with_assistant to frontdesk_app;
