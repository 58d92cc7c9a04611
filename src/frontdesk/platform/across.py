"""Why code may work outside one organisation. `Works.across_tenants` is called with one of these reasons and no other;
a test reads the source for it. The tables that stand behind them: docs/decisions/0003-two-database-roles.md."""

ACROSS_TENANTS_REASONS: dict[str, str] = {
    "sign up": "A new person has no organisation yet, and gets one with its number.",
    "sign in": "Users are people, not tenants' rows: the address is looked up, failures are counted.",
    "sessions": "Sessions and refresh tokens are read before the tenant is known, because they say which it is.",
    "own account": "A person reads and changes their own record, which belongs to no organisation.",
    "mailed link": "The token of a reset, verification or invitation link says whom and which organisation it is for.",
    "own organizations": "A person lists the organisations they belong to, or begins another.",
    "platform admin": "The operator makes an account that belongs to no organisation.",
    "captured mail": "Mail is captured before anybody knows which organisations its recipient belongs to.",
    "purge credentials": "Expired sessions and tokens of everybody are deleted.",
    "due campaigns": "Which organisations have something to send; the claims are made as each of them.",
    "idle campaigns": "Which campaigns have nothing left to send; they are completed as their organisation.",
    "due messages": "Which organisations have messages waiting; each is claimed as its organisation.",
    "messages in doubt": "Which messages nobody saw the end of; each is settled as its organisation.",
    "due replies": "Which conversations wait for an answer; each is answered as its organisation.",
    "roll up counts": "The counts of leads by status are folded for all organisations at once.",
    "request housekeeping": "Counters of rate limits and idempotency keys past their time are deleted for everybody.",
    "sandbox carrier": "The sandbox lies outside the product: like a real carrier it serves all organisations.",
}
