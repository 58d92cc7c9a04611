"""Reading leads from the exports of other programs: bytes to rows, columns to fields, rows to clean leads.

No I/O beyond the bytes it is handed, no database: what is done with the rows is for the services of leads.
"""
