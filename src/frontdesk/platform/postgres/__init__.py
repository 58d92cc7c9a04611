"""PostgreSQL: the embedded server's life (`server`), the roles (`roles`) and the schema's versions (`migrations`).

No SQL of the product is here, and no pool: those are in migrations/, in each feature's store.py, and in
platform/database.
"""
