"""Persistence: entities, repositories, the unit of work, migrations.

``entities/`` holds the declarative classes by aggregate, ``repositories/`` every query, ``unit_of_work`` the
transaction. Rules live in ``domain/``, use cases in ``app/``; nothing here decides anything about money.
Every row belongs to a merchant and every query filters by it.
"""
