"""Other systems that an organisation works with: which there are, which are connected, and the consent behind it.

`service.connecting` begins and ends a consent and forgets connections, `service.using` has calls made with tokens that
are good. Both are the same for every kind and provider; what a calendar or a CRM is asked is for their own features.
"""
