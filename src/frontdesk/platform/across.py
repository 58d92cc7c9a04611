"""Why code may work outside one organisation. `Works.across_tenants` is called with one of these reasons and no other;
a test reads the source for it. The tables that stand behind them: docs/decisions/0003-two-database-roles.md."""

ACROSS_TENANTS_REASONS: dict[str, str] = {
    # Before the tenant is known
    "sign up": "A new person has no organisation yet, and gets one with its number.",
    "sign in": "Users are people, not tenants' rows: the address is looked up, failures are counted.",
    "sessions": "Sessions and refresh tokens are read before the tenant is known, because they say which it is.",
    "mailed link": "The token of a reset, verification or invitation link says whom and which organisation it is for.",
    "consents": "Who comes back from a provider brings a state, and that says which organisation it is for.",
    "carrier accounts": "A webhook is proved by the account of the number it names, before the tenant is known.",
    # What belongs to no tenant
    "own account": "A person reads and changes their own record, which belongs to no organisation.",
    "own organizations": "A person lists the organisations they belong to, or begins another.",
    "platform admin": "The operator makes an account that belongs to no organisation, or names an organisation.",
    "notify a person": "Another program names a person and not the organisation to tell them in.",
    "mail outbox": "Letters of accounts belong to no tenant, and are sent as all others are.",
    "captured mail": "Mail is captured before anybody knows which organisations its recipient belongs to.",
    "sandbox carrier": "The sandbox stands for an outside carrier, which knows nothing of tenants.",
    # What is found for all, and then done for one organisation after another
    "due campaigns": "Finds campaigns with something to send; each is then sent as its organisation.",
    "texts to write": "Finds campaigns whose next texts a model words; each is then seen to as its organisation.",
    "idle campaigns": "Finds campaigns with nothing left to send; each is then completed as its organisation.",
    "due messages": "Finds messages waiting to be sent; each is then sent as its organisation.",
    "due replies": "Finds conversations waiting for an answer; each is then answered as its organisation.",
    "messages in doubt": "Finds messages whose sending nobody saw end; each is then settled as its organisation.",
    "calls in doubt": "Finds calls whose placing nobody saw end; each is then settled as its organisation.",
    "abandoned calls": "Finds calls that nobody holds any more; each is then ended as its organisation.",
    "forgotten imports": "Finds imports that nobody will do any more; each is then failed as its organisation.",
    "connected calendars": "Finds organisations with calendars to look into; each is then looked at as itself.",
    "due calendar entries": "Finds bookings to enter into calendars; each is then settled as its organisation.",
    "numbers in doubt": "Finds purchases and givings-back that broke off; each is then settled as its organisation.",
    "due crm records": "Finds records to pass on to CRM systems; each is then passed on as its organisation.",
    "due webhooks": "Finds webhooks that are due to be posted; each is then posted as its organisation.",
    "verify consent": "Lists the organisations whose consent logs are checked; each is then read as its organisation.",
    # Machinery
    "events": "The event log is one for all; its readers keep one place in it.",
    "realtime": "One process follows the log for all who are connected to it, and tells each what is theirs.",
    "dead_letter": "A job that keeps failing is put aside, whoever it was for.",
    "queue standing": "The queue is one for all; a person is told what of it is their organisation's.",
    "queue_history": "The queue's own history is trimmed.",
    "old decisions": "Decisions of the gate are deleted when they are older than their organisation keeps them.",
    "roll up counts": "Counts of leads are folded for everybody.",
    "request housekeeping": "Old rate counters, idempotency keys and ids of webhooks are deleted.",
    "old notifications": "What people were told long ago is deleted.",
    "old webhook deliveries": "What receivers were told long ago is deleted.",
    "deleted documents": "Documents deleted a day ago are found; each is taken away as its organisation.",
    "purge credentials": "Expired sessions and tokens of everybody are deleted.",
}
