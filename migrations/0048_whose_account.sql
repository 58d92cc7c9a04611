-- In whose account with a carrier a number stands, and a purchase was asked for: the operator's, or the organisation's own.

alter table numbers add column operators boolean not null default false;
alter table number_purchases add column operators boolean not null default false;

-- Until now numbers of the operator's account were dropped when an organisation connected one of its own.
update numbers n set operators = true
    where not n.sandbox
      and not exists (select from carrier_accounts a where a.org_id = n.org_id and a.provider = n.provider);
update number_purchases p set operators = true
    where p.provider <> 'sandbox'
      and not exists (select from carrier_accounts a where a.org_id = p.org_id and a.provider = p.provider);
