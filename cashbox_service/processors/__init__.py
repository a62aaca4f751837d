"""Payment processors: whoever moves the money, behind one protocol.

::

    protocol            what a processor is asked and what it answers; the only module that use cases need
    registry            which processor serves which payment method type
    sandbox             the deterministic test processor, by the rules in triggers and the scripts in script
    merchant_accepted   the internal processor of payments that the merchant took by itself
    stripe              cards of a Stripe account, loaded only when a settings line names it
    books, journal      what those remember of requests, so that none is carried out twice

Nothing here knows the database or the wire. Another processor is one more module or package; see docs/processors.md.
"""
