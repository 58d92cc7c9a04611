-- Texts that come at once are taken in by one transaction: a commit, a round trip and a plan for all of them. Each is done
-- as `take_in_text` does it, in the order given, which is to be the same whoever gives it, for they are locked one by one.
create function take_in_texts(
    called text[], sender text[], body text[], segments int[], provider text[], provider_id text[],
    at timestamptz, spoken_for uuid[], ids uuid[], nobody_answers text[], is_heard text[], heard text,
    task text, due timestamptz, pace float8
) returns text[] language plpgsql as $$
declare
    outcomes text[];
    outcome text;
begin
    for n in 1 .. cardinality(called) loop
        outcome := (take_in_text(
            called[n], sender[n], body[n], segments[n], provider[n], provider_id[n], at, spoken_for[n],
            ids[4 * n - 3], ids[4 * n - 2], ids[4 * n - 1 : 4 * n], nobody_answers, is_heard, heard, task, due, pace)
        ).outcome;
        outcomes := outcomes || outcome;
    end loop;
    return outcomes;
end $$;
revoke execute on function take_in_texts from public;
grant execute on function take_in_texts to frontdesk_app;
