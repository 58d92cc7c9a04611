-- Numbers that are given back: the intent is kept until the carrier has taken them. And purchases whose end nobody saw:
-- when the carrier is asked about them next.

alter table numbers add column leaving_at timestamptz;      -- when somebody gave it back; it is here until that is done
alter table numbers add column look_at timestamptz;         -- of one that leaves: when the carrier is asked next

alter table number_purchases add column look_at timestamptz;
alter table number_purchases add column verdict text;       -- of one in doubt that was refused: not_sold, not_told

grant select on number_purchases to frontdesk_system;
